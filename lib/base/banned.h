/*
 * banned: functions that io7 does without, refused at compile time.
 *
 * Owns:   the list; a use of one becomes an undeclared name that says why.
 * Not:    functions that are merely easy to misuse.
 * Limit:  calls only: a declaration in a system header comes before this.
 */
#ifndef IO7_LIB_BASE_BANNED_H
#define IO7_LIB_BASE_BANNED_H

#define BANNED(function) function##_is_banned_see_lib_banned_h

/* No bound on what they write. */
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

/* A bound, but a terminator that may be missing. */
#undef strncpy
#define strncpy(to, from, n) BANNED(strncpy)
#undef strncat
#define strncat(to, from, n) BANNED(strncat)

/* Hidden state, or an error that looks like a number. */
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

/* The server runs no shell. */
#undef system
#define system(command) BANNED(system)
#undef popen
#define popen(command, mode) BANNED(popen)

#endif
