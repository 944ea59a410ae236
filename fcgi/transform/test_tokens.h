/*
 * test_tokens: the daily allowance of model tokens in test mode.
 *
 * Test mode costs no credits, so this is what bounds an account's use of the
 * operator's model. Each call takes an estimate before it begins and settles it
 * by what the model used. In live mode nothing is counted here.
 *
 * Limit: IO7_MODEL_TEST_TOKENS a day, per account and not per key; a call that
 *        has begun may exceed it by its answer.
 */
#ifndef IO7_FCGI_TRANSFORM_TEST_TOKENS_H
#define IO7_FCGI_TRANSFORM_TEST_TOKENS_H

#include "fcgi/transform/transform.h"

/* The tokens taken for one call of the model. */
struct test_tokens {
	int32_t day; /* since 1970, UTC */
	int64_t taken;
};

/* E_QUOTA_EXCEEDED, with the limit in the details, if less is left. */
enum err test_tokens_take(struct transform *, uint64_t estimate,
    struct test_tokens *) MUST_CHECK;
/* Replaces the estimate by the tokens that the call used. */
enum err test_tokens_settle(struct transform *, const struct test_tokens *,
    uint64_t used) MUST_CHECK;

#endif
