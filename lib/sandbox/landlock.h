/*
 * landlock: limits the files that a process can reach to one folder.
 *
 * Limit:  as much as the kernel's version of Landlock can refuse. Reading the
 *         metadata of other files stays possible.
 */
#ifndef IO7_LIB_SANDBOX_LANDLOCK_H
#define IO7_LIB_SANDBOX_LANDLOCK_H

#include "lib/base/base.h"

/* The version of the kernel's Landlock; 0: it has none, or it is disabled. */
int landlock_version(void);

/*
 * From now on this process can open, create, truncate and remove regular files in
 * that folder, and can open no other files. It cannot use the network, nor signal
 * processes outside. Irrevocable; the process must have no_new_privs. OK where the
 * kernel has no Landlock. False with errno.
 */
bool landlock_confine(int folder) MUST_CHECK;

#endif
