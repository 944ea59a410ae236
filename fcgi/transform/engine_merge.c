/*
 * The engine merge: applies a merge patch (RFC 7396).
 */
#include "fcgi/transform/engines.h"

static enum err
run(struct transform *t, struct item *s)
{
	return patch_apply(t, s, "merge");
}

const struct engine engine_merge = { "merge", "patch", patch_check, run };
