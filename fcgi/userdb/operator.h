/*
 * operator: what an operator does with a database, from a command.
 *
 * Limit:  databases of the provider `file` on this host; the spawner must run.
 */
#ifndef IO7_FCGI_USERDB_OPERATOR_H
#define IO7_FCGI_USERDB_OPERATOR_H

#include "fcgi/userdb/registry.h"

/* Writes a consistent copy into a new file. */
enum err userdb_backup(const struct service *, const struct userdb *,
    const char *file, const char **why) MUST_CHECK;
/* Replaces the content by that of a file, after checking it. */
enum err userdb_restore(const struct service *, const struct userdb *,
    const char *file, const char **why) MUST_CHECK;
/* E_INTERNAL: it is damaged. */
enum err userdb_check(const struct service *, const struct userdb *,
    const char **why) MUST_CHECK;
/* Asks for its size and its schema, and records them. */
enum err userdb_note_facts(const struct service *, struct arena *,
    struct userdb *, const char **why) MUST_CHECK;

#endif
