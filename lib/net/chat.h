/*
 * chat: asks a language model and streams its answer, in the protocol of
 * OpenAI's chat completions.
 *
 * Owns:   reading the stream and counting tokens.
 * Not:    which model may be asked, and what a token costs.
 * Limit:  CHAT_LINE_MAX bytes a line of the stream, CHAT_STREAM_MAX in all.
 */
#ifndef IO7_LIB_NET_CHAT_H
#define IO7_LIB_NET_CHAT_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum {
	CHAT_LINE_MAX = 256 * 1024,
	CHAT_STREAM_MAX = 64 << 20,
	/* For an estimate, where the service does not count tokens. */
	CHAT_TOKEN_BYTES = 4,
};

struct chat {
	const char *url; /* without /chat/completions */
	const char *key; /* NULL or empty: none */
	struct str model, system, user;
	uint64_t tokens_max;
	int64_t silence_ns, deadline_ns;

	/*
	 * delta gets each piece of the answer; go_on is called at least once a
	 * second. False from either stops the stream.
	 */
	bool (*delta)(void *to, struct str);
	bool (*go_on)(void *to);
	void *to;
};

struct chat_answer {
	struct str text;
	uint64_t prompt_tokens, completion_tokens;
	bool is_estimate;     /* the service did not count */
	const char *sentence; /* public: why there is no answer */
	const char *detail;   /* for the log, or NULL */
};

/*
 * OK for a complete answer. The tokens of an incomplete one are counted too.
 * E_UNAVAILABLE: the service is too busy, the answer was stopped, or no memory.
 * E_TIMEOUT, E_TOO_LARGE; E_BAD_GATEWAY: anything else.
 */
enum err chat(struct arena *, const struct chat *, struct chat_answer *)
    MUST_CHECK;

#endif
