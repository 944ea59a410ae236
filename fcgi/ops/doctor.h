/*
 * doctor: the checks of `io7 doctor`.
 *
 * Not:    repairs: each finding says what to do, and the operator does it.
 */
#ifndef IO7_FCGI_OPS_DOCTOR_H
#define IO7_FCGI_OPS_DOCTOR_H

#include "fcgi/ops/ops_db.h"

struct server_facts_row;

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct doctor {
	const struct conf *conf;
	const struct options *opts;
	struct ops_db owner, app, chore;
	/* As seen by io7_owner; NULL if the database does not answer. */
	const struct server_facts_row *facts[MODE_COUNT];
};

/* One line of output: the worst verdict, and all messages. */
struct finding {
	enum verdict verdict;
	struct buf text;
	char bytes[1024];
};

void find(struct finding *, enum verdict, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Checks of one database. */
void doctor_server(struct doctor *, enum mode, struct finding *);
void doctor_clock(struct doctor *, enum mode, struct finding *);
void doctor_connections(struct doctor *, enum mode, struct finding *);
void doctor_extensions(struct doctor *, enum mode, struct finding *);
void doctor_migrations(struct doctor *, enum mode, struct finding *);
void doctor_tenants(struct doctor *, enum mode, struct finding *);
void doctor_roles(struct doctor *, enum mode, struct finding *);
void doctor_app(struct doctor *, enum mode, struct finding *);
void doctor_chore(struct doctor *, enum mode, struct finding *);

/* Checks of this machine. */
void doctor_databases(struct doctor *, enum mode unused, struct finding *);
void doctor_secrets(struct doctor *, enum mode unused, struct finding *);
void doctor_tokens(struct doctor *, enum mode unused, struct finding *);

#endif
