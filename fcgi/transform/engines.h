/*
 * engines: the rows of the table of engines, each the end of its own file.
 *
 * Owns:   nothing.
 * Not:    what an engine is: that is transform.h.
 * Limit:  none.
 */
#ifndef IO7_FCGI_TRANSFORM_ENGINES_H
#define IO7_FCGI_TRANSFORM_ENGINES_H

#include "fcgi/transform/transform.h"

extern const struct engine engine_jq, engine_patch, engine_merge, engine_model;

/* patch.c: a patch as PATCH takes it, applied where PATCH applies it. */
enum err patch_check(struct transform *) MUST_CHECK;
enum err patch_apply(struct transform *, struct item *, const char *how)
    MUST_CHECK;

#endif
