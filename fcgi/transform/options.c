/*
 * The options of the engines.
 */
#include "fcgi/transform/options.h"

#define AT(field) .offset = offsetof(struct transform_options, field)

static const struct conf_option rows[] = {
	{ "IO7_JQ_TIMEOUT", CONF_DURATION, "5s",
	    "Maximum time for compiling a jq program, and for each value that"
	    " it processes.",
	    AT(jq_timeout), .min = 10 * NS_PER_MS, .max = 300 * NS_PER_S },
	{ "IO7_JQ_MEMORY", CONF_BYTES, "256M",
	    "Maximum address space of a jq program; jq itself needs about 30M.",
	    AT(jq_memory), .min = 64 << 20, .max = UINT64_C(16) << 30 },
	{ "IO7_JQ_OUTPUT", CONF_BYTES, "16M",
	    "Maximum output of a jq program for one value.", AT(jq_output),
	    .min = 1024, .max = 1 << 30 },
	{ "IO7_JQ_PROGRAMS", CONF_NUMBER, "8",
	    "Number of compiled jq programs that a stream worker keeps, each in"
	    " its own process.",
	    AT(jq_programs), .min = 1, .max = 1000 },
	{ "IO7_MODEL_URL", CONF_TEXT, "",
	    "URL of a language model with an OpenAI-compatible API, without"
	    " /chat/completions; empty: no model.",
	    AT(model_url), .max = 500, .check = options_url_problem },
	{ "IO7_MODEL_KEY_FILE", CONF_SECRET_FILE, "",
	    "File with the key of the model service; empty: no key.",
	    AT(model_key) },
	{ "IO7_MODELS", CONF_TEXT, "",
	    "Models that a request may name, separated by commas; the first"
	    " one is the default.",
	    AT(models) },
	{ "IO7_MODEL_TOKENS_MAX", CONF_NUMBER, "4096",
	    "Maximum number of tokens in a model's answer.",
	    AT(model_tokens_max), .min = 1, .max = 1000000 },
	{ "IO7_MODEL_CREDIT_TOKENS", CONF_NUMBER, "1000",
	    "Number of model tokens, prompt and answer, that cost one credit.",
	    AT(model_credit_tokens), .min = 1, .max = 1000000000 },
	{ "IO7_MODEL_TEST_TOKENS", CONF_NUMBER, "50000",
	    "Number of model tokens that an account may use each day in test"
	    " mode, which costs no credits.",
	    AT(model_test_tokens), .min = 0, .max = 1000000000 },
	{ "IO7_MODEL_SILENCE", CONF_DURATION, "60s",
	    "Maximum time without output from a model.", AT(model_silence),
	    .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_MODEL_TIMEOUT", CONF_DURATION, "10m",
	    "Maximum time of a model's whole answer.", AT(model_timeout),
	    .min = NS_PER_S, .max = 3600 * NS_PER_S },
};

const struct conf_slice transform_options =
    CONF_SLICE(rows, struct transform_options);
