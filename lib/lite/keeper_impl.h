/*
 * keeper_impl: the parts of a keeper: its connections and their requests.
 *
 * Not:    for other files, which include keeper.h.
 */
#ifndef IO7_LIB_LITE_KEEPER_IMPL_H
#define IO7_LIB_LITE_KEEPER_IMPL_H

#include "lib/lite/keeper.h"

struct keeper;

enum conn_state {
	CONN_OPEN,    /* between requests, or in the middle of an order */
	CONN_READY,   /* its run can continue */
	CONN_LOCKED,  /* its run waits for another stream's transaction */
	CONN_CREDIT,  /* its run waits for FRAME_ALLOW */
	CONN_FEEDING, /* receives a file */
	CONN_SAVING,  /* copies the database, a piece at a time */
	CONN_QUEUED,  /* to copy it when another copy is done */
	CONN_DONE,    /* the last bytes of its answer are not sent yet */
	CONN_CLOSED,  /* to be freed */
};

struct conn {
	struct keeper *keeper;
	struct conn *next;
	int fd;
	enum conn_state state;
	uint32_t events; /* that epoll watches */

	/* The frame that arrives. */
	struct frame_head head;
	size_t head_bytes, frame_bytes; /* received */
	char *frame;                    /* in the arena */

	/* The request. */
	struct arena *mem; /* NULL: none */
	struct frame_order order;
	struct hrana_run *run;
	struct hrana_save *save; /* of CONN_SAVING */
	int64_t looked_ns;       /* when the worker was last seen to be there */
	int64_t retry_ns;        /* when to try again to get a lock */
	int file;                /* to receive, or to send; -1: none */
	uint64_t file_bytes;

	/* The answer. */
	struct buf out;
	size_t
	    piece; /* where the open frame of output begins; SIZE_MAX: none */
	size_t sent;
	bool closes; /* after the answer */
};

struct keeper {
	const struct keeper_start *start;
	struct hrana *hrana; /* NULL: not open yet */
	int epoll;
	struct conn *conns;
	struct conn *running; /* whose run does a step; NULL: none */
	struct conn *saving;  /* whose request copies the database */
	int64_t began_ns;     /* what is running */
	bool is_deferred;     /* because that takes long */
	/* Further time that one operation of SQLite may take. */
	int64_t patience_ns;
	struct arena *spare;
	unsigned active;   /* requests that have begun and not ended */
	bool is_holding;   /* answers, until the log is on the disk */
	bool must_retry;   /* a run or a stream has ended: its lock is free */
	bool is_leaving;   /* as soon as it is idle */
	bool is_ending;    /* as soon as the runs have ended */
	int64_t end_ns;    /* is_ending from then on; 0: never */
	int64_t sweep_ns;  /* when a stream may have to be rolled back */
	int64_t rested_ns; /* when it last freed what it does not need */
	bool is_untidy;    /* there is more to free */
	char received[64 * 1024];
};

/* Sends a line to the log of the spawner. */
void keeper_log(struct keeper *, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Waits until all commits are on the disk. If that fails they may be lost, and
 * the process ends: no answer says that they are there.
 */
void keeper_sync(struct keeper *);
/* Does that for the answers that are held back, if any, and sends them. */
void keeper_send_held(struct keeper *);

/* --- keeper_conn.c: frames ------------------------------------------------ */

/* NULL without memory; the descriptor is closed then. */
struct conn *conn_new(struct keeper *, int fd);
/* Reads once, and acts on what is complete. */
void conn_receive(struct conn *);
/*
 * Sends what it can without waiting; ends the request after the last byte. A
 * small answer is held back while a commit that it may tell of is not on the
 * disk.
 */
void conn_flush(struct conn *);
/* True if complete frames are not sent yet. */
bool conn_is_sending(const struct conn *);
/* Has epoll watch for what the connection waits for. */
void conn_watch(struct conn *);
void conn_goodbye(struct conn *);
void conn_close(struct conn *);

/* Appends a whole frame to the answer. */
void conn_add(struct conn *, enum frame_kind, const void *, size_t);
/* The bytes appended to c->out between these calls become a frame. */
void conn_open_piece(struct conn *);
void conn_close_piece(struct conn *);

/* --- keeper_task.c: requests ---------------------------------------------- */

/* The order is complete; its body is in the arena. */
void task_begin(struct conn *, struct str body);
/* Continues the run. */
void task_step(struct conn *);
/* Copies the next piece of an export. */
void task_save(struct conn *);
void task_allow(struct conn *, bool);
/* The next bytes of a file, which are valid during the call. */
void task_feed(struct conn *, struct str);
void task_feed_end(struct conn *);
/* Releases what the request has, complete or not. */
void task_end(struct conn *);
/* Files that an earlier keeper has left behind. */
void task_remove_leftovers(void);

#endif
