/*
 * secret_http: the handlers of the webhook secret.
 */
#ifndef IO7_FCGI_CRON_SECRET_HTTP_H
#define IO7_FCGI_CRON_SECRET_HTTP_H

#include "fcgi/http/req.h"

enum err cron_get_secret(struct req *);
enum err cron_post_secret_rotation(struct req *);

#endif
