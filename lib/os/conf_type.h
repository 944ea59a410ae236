/*
 * conf_type: how the text of an option becomes its value, and back.
 *
 * Owns:   the units, the bounds and what is said of a wrong text.
 * Not:    where a text comes from: that is conf.c.
 * Limit:  4 KiB of text, 16 KiB of secret.
 */
#ifndef IO7_LIB_OS_CONF_TYPE_H
#define IO7_LIB_OS_CONF_TYPE_H

#include "lib/base/str.h"
#include "lib/os/conf.h"

/* What is wrong with the text, and a zero in the field; NULL: nothing. */
const char *conf_type_read(const struct conf_option *, struct arena *,
    struct str text, void *field) MUST_CHECK;
bool conf_type_same(const struct conf_option *, const void *field,
    const void *other);
/* A text is copied into the arena; false where that is full. */
bool conf_type_copy(const struct conf_option *, struct arena *,
    const void *from, void *to) MUST_CHECK;

/* A whole number with a unit. */
bool conf_type_is_scaled(enum conf_type);

/* "1 to 64K": which values the option takes; nothing where any will do. */
void conf_type_range(const struct conf_option *, struct buf *);

/*
 * A small file, without NUL, whose mode has none of those bits; or what is
 * wrong with it, as it stands behind the file's name.
 */
const char *conf_slurp(struct arena *, const char *path, size_t max,
    unsigned forbidden_mode, struct str *text) MUST_CHECK;

#endif
