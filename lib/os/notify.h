/*
 * notify: state messages to the service manager, as sd_notify(3) sends them.
 *
 * Owns:   the socket to the manager.
 * Not:    libsystemd: the protocol is one datagram of NAME=value lines.
 * Limit:  without $NOTIFY_SOCKET every call does nothing.
 */
#ifndef IO7_LIB_OS_NOTIFY_H
#define IO7_LIB_OS_NOTIFY_H

#include "lib/base/base.h"

/* Finds the manager in the environment. */
void notify_open(void);
/* For a child, which must not speak for the service. */
void notify_close(void);

/* Lines without a final line break: "READY=1\nSTATUS=serving". */
void notify_say(const char *format, ...) PRINTF_LIKE(1, 2);

/* Half the interval in which the manager expects WATCHDOG=1; 0: never. */
int64_t notify_watchdog_ns(void);

#endif
