/*
 * handlers: the handlers of user databases, and their background work.
 */
#ifndef IO7_FCGI_USERDB_HANDLERS_H
#define IO7_FCGI_USERDB_HANDLERS_H

#include "fcgi/http/req.h"
#include "fcgi/step.h"
#include "fcgi/work_kind.h"

/* hrana_http.c: what libSQL clients send. */
enum err userdb_get_version(struct req *);
enum err userdb_post_pipeline_2(struct req *);
enum err userdb_post_pipeline_3(struct req *);
enum err userdb_post_cursor(struct req *);

/* about.c */
enum err userdb_get_about(struct req *);
enum err userdb_post_token(struct req *);

/* transfer.c: whole files. */
enum err userdb_get_export(struct req *);
enum err userdb_post_import(struct req *);

/* chores.c: the step of a signup, and the rows that it adds. */
enum err userdb_add_step(struct signup *);
enum err userdb_undo_step(struct signup *);
/* For users who signed up before there were databases. */
void userdb_add_missing(const struct service *, struct arena *);

/* make.c: the chore, and the kind of work for databases of services. */
extern const struct work_kind userdb_make_kind;
void userdb_make_pending(const struct service *, struct arena *);

#endif
