/*
 * health: the status of io7 and of its processes.
 *
 * Owns:   the status, and the scoreboard as JSON and as metrics.
 * Not:    alerts: those belong to the monitoring that scrapes /metrics.
 * Limit:  the status is cached for a quarter of a second, so that a flood of
 *         requests costs the databases at most four queries a second.
 */
#ifndef IO7_FCGI_HEALTH_HEALTH_H
#define IO7_FCGI_HEALTH_HEALTH_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/str.h"

enum health_status { HEALTH_OK, HEALTH_DEGRADED, HEALTH_DOWN };

/* Writes the body of /health and returns the status. */
enum health_status health_write(const struct service *, struct buf *);

int64_t health_uptime_s(const struct service *);

/* The chore: logs what went down or came up since the last call. */
void health_watch(const struct service *, struct arena *);

/* The scoreboard as JSON, and in Prometheus's text format. */
void health_status_json(const struct service *, struct buf *);
void health_metrics(const struct service *, struct buf *);

#endif
