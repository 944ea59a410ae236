/*
 * panic: ends the process when it cannot start, or when it is wrong.
 *
 * Not:    for errors of one request: those are returned as enum err.
 * Limit:  4 KiB of text; the rest is cut.
 */
#ifndef IO7_LIB_BASE_PANIC_H
#define IO7_LIB_BASE_PANIC_H

#include "lib/base/base.h"

/* At start-up only: prints the reason to standard error and exits. */
void die(int code, const char *format, ...) NORETURN PRINTF_LIKE(2, 3);

/* An invariant of our own is broken: reports where and why, and aborts. */
#define BUG(...) panic_bug(__FILE__, __LINE__, __VA_ARGS__)
void panic_bug(const char *file, int line, const char *format, ...)
    NORETURN PRINTF_LIKE(3, 4);

/*
 * Replaces the reporter of BUG(), which prints to standard error. `where` is
 * "file:line". The log sets it when it is opened.
 */
void panic_report_to(void (*report)(const char *where, const char *sentence));

#endif
