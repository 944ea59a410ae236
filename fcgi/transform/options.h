/*
 * options: the options of the engines.
 *
 * The time limit of a whole transform is one of the options of every process.
 */
#ifndef IO7_FCGI_TRANSFORM_OPTIONS_H
#define IO7_FCGI_TRANSFORM_OPTIONS_H

#include "fcgi/options.h"

struct transform_options {
	int64_t jq_timeout;
	uint64_t jq_memory, jq_output, jq_programs;
	const char *model_url, *model_key, *models;
	uint64_t model_tokens_max, model_credit_tokens, model_test_tokens;
	int64_t model_silence, model_timeout;
};

extern const struct conf_slice transform_options;

#endif
