/*
 * notify: what a service tells the manager that started it, as sd_notify does.
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
/* In a child: what it says is not the service's word. */
void notify_close(void);

/* "READY=1\nSTATUS=serving": lines without a last line break. */
void notify_say(const char *format, ...) PRINTF_LIKE(1, 2);

/* How often the manager wants to hear WATCHDOG=1, halved; 0: never. */
int64_t notify_watchdog_ns(void);

#endif
