/*
 * provider_file_impl: calls of the provider `file`, for its own files.
 */
#ifndef IO7_FCGI_USERDB_PROVIDER_FILE_IMPL_H
#define IO7_FCGI_USERDB_PROVIDER_FILE_IMPL_H

#include "fcgi/http/req.h"
#include "fcgi/userdb/provider.h"
#include "lib/lite/keepers.h"

/* The connections of this process, which last as long as it. */
struct keepers *provider_file_keepers(const struct service *);

/* Sets size and schema of the entry after a call that wrote. */
void provider_file_learn(struct userdb *, const struct keeper_result *);

/* A sentence for the client about a failed call, or NULL. */
const char *provider_file_sentence(enum err);

/* Fails the request: a call failed, with a sentence for the client or NULL. */
enum err provider_file_fail(struct req *, const struct userdb *, enum err,
    const char *sentence);
/* The same with the fault of the call. */
enum err provider_file_fault(struct req *, const struct userdb *,
    const struct keepers *);

/* provider_file_run.c */
enum err provider_file_run(struct req *, struct userdb *,
    const struct hrana_call *);

/* provider_file_ask.c */
enum err provider_file_ask(struct userdb_ask *, const struct hrana_call *,
    struct str *answer);

/* provider_file_copy.c */
enum err provider_file_save(struct req *, struct userdb *);
enum err provider_file_load(struct req *, struct userdb *, uint64_t size_max);

#endif
