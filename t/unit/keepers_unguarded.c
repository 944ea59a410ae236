/*
 * The attempts of keepers_confined.c in a program without the authorizer of
 * SQL: the sandbox of the keeper alone stops them.
 */
#define LITE_NO_AUTHORIZER

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "lib/lite/lite_guard.c"
#include "lib/lite/lite_statement.c"
#include "t/unit/keepers_confined.c"
/* NOLINTEND(bugprone-suspicious-include) */
