/*
 * engines: the engines, and the functions that two of them share.
 *
 * Each engine is a file, engine_NAME.c. A new one is declared here and listed
 * in engines.c.
 */
#ifndef IO7_FCGI_TRANSFORM_ENGINES_H
#define IO7_FCGI_TRANSFORM_ENGINES_H

#include "fcgi/transform/transform.h"

extern const struct engine engine_jq, engine_patch, engine_merge, engine_model;

/* `how` is merge or patch, as in the statement transform_apply. */
enum err patch_check(struct transform *) MUST_CHECK;
enum err patch_apply(struct transform *, struct item *, const char *how)
    MUST_CHECK;

#endif
