/*
 * health: whether io7 can serve, and what its processes are doing.
 *
 * Owns:   the verdict, and the two forms in which the board is shown.
 * Not:    alarms: those belong to what scrapes /metrics.
 * Limit:  a verdict is good for a quarter of a second, so a flood of
 *         questions costs the databases four answers a second.
 */
#ifndef IO7_FCGI_HEALTH_HEALTH_H
#define IO7_FCGI_HEALTH_HEALTH_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/str.h"

enum health_status { HEALTH_OK, HEALTH_DEGRADED, HEALTH_DOWN };

/* Writes the answer of /health; its status. */
enum health_status health_write(const struct service *, struct buf *);

int64_t health_uptime_s(const struct service *);

/* Logs what came or went since the last call. */
void health_watch(const struct service *, struct arena *);

/* The board as JSON, and in Prometheus's text format. */
void health_status_json(const struct service *, struct buf *);
void health_metrics(const struct service *, struct buf *);

#endif
