/*
 * handlers: the handlers of health, each named after its route.
 */
#ifndef IO7_FCGI_HEALTH_HANDLERS_H
#define IO7_FCGI_HEALTH_HANDLERS_H

#include "fcgi/http/req.h"

enum err health_get_health(struct req *);
enum err health_get_live(struct req *);
enum err health_get_status(struct req *);
enum err health_get_metrics(struct req *);
enum err health_stream_status(struct req *);

#endif
