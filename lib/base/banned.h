/*
 * banned: refuses functions that io7 does not use, at compile time.
 *
 * A call becomes an undeclared name that points here.
 *
 * Not:    functions that are merely easy to misuse.
 */
#ifndef IO7_LIB_BASE_BANNED_H
#define IO7_LIB_BASE_BANNED_H

#define BANNED(function) function##_is_banned_see_lib_base_banned_h

/* They write without a bound. */
#undef strcpy
#define strcpy(to, from) BANNED(strcpy)
#undef strcat
#define strcat(to, from) BANNED(strcat)
#undef stpcpy
#define stpcpy(to, from) BANNED(stpcpy)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gets
#define gets(to) BANNED(gets)

/* They may leave out the terminator. */
#undef strncpy
#define strncpy(to, from, n) BANNED(strncpy)
#undef strncat
#define strncat(to, from, n) BANNED(strncat)

/* They keep hidden state, or return errors as numbers. */
#undef strtok
#define strtok(s, by) BANNED(strtok)
#undef atoi
#define atoi(s) BANNED(atoi)
#undef atol
#define atol(s) BANNED(atol)
#undef asctime
#define asctime(t) BANNED(asctime)
#undef ctime
#define ctime(t) BANNED(ctime)
#undef localtime
#define localtime(t) BANNED(localtime)
#undef gmtime
#define gmtime(t) BANNED(gmtime)
#undef rand
#define rand() BANNED(rand)

/* The server never runs a shell. */
#undef system
#define system(command) BANNED(system)
#undef popen
#define popen(command, mode) BANNED(popen)

#endif
