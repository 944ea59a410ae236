/*
 * chat: a question to a language model, whose answer comes word by word, as
 * OpenAI's service and many others stream it.
 *
 * Owns:   the reading of the stream, and the count of the tokens.
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
	/* Where nobody counts, so many bytes are taken for a token. */
	CHAT_TOKEN_BYTES = 4,
};

struct chat {
	const char *url; /* without /chat/completions */
	const char *key; /* NULL or empty: none is asked for */
	struct str model, system, user;
	uint64_t tokens_max;
	int64_t silence_ns, deadline_ns;

	/*
	 * Told of each piece of the answer, and asked once a second at least;
	 * false: nobody wants the rest.
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
 * OK for a whole answer. What came of another is counted in any case.
 * E_BAD_GATEWAY, E_TIMEOUT, E_UNAVAILABLE (too busy, or not wanted any more),
 * E_TOO_LARGE.
 */
enum err chat(struct arena *, const struct chat *, struct chat_answer *)
    MUST_CHECK;

#endif
