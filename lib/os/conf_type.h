/*
 * conf_type: parses the text of an option, and writes its bounds.
 *
 * Owns:   the units, the bounds and the sentences about invalid texts.
 * Not:    the source of a text: lib/os/conf.h.
 * Limit:  4 KiB of text, 16 KiB of secret.
 */
#ifndef IO7_LIB_OS_CONF_TYPE_H
#define IO7_LIB_OS_CONF_TYPE_H

#include "lib/base/str.h"
#include "lib/os/conf.h"

/* Returns NULL, or what is wrong with the text; then the field is zero. */
const char *conf_type_read(const struct conf_option *, struct arena *,
    struct str text, void *field) MUST_CHECK;
bool conf_type_same(const struct conf_option *, const void *field,
    const void *other);
/* Copies texts into the arena; false without memory. */
bool conf_type_copy(const struct conf_option *, struct arena *,
    const void *from, void *to) MUST_CHECK;

/* The type is a whole number, which may have a unit. */
bool conf_type_is_scaled(enum conf_type);

/* The values that the option takes, such as "1 to 64K"; empty: any. */
void conf_type_range(const struct conf_option *, struct buf *);

/*
 * Reads a plain file of at most max bytes, without NUL, whose mode has none of
 * the forbidden bits. Returns what is wrong with it, or NULL.
 */
const char *conf_slurp(struct arena *, const char *path, size_t max,
    unsigned forbidden_mode, struct str *text) MUST_CHECK;

#endif
