/*
 * The room account: what an account can ask about itself, and its removal.
 */
#include "fcgi/room.h"

#include "fcgi/account/account_deletion.h"
#include "fcgi/account/handlers.h"

static const struct route routes[] = {
	{ POST, "/api/auth/validate", NEED_IP_LIMIT, 0, ROUTE_BODY,
	    account_post_validate,
	    .about = "whose a credential is, and what it may do" },
	{ GET, "/api/me", NEED_READ, 0, 0, account_get_me,
	    .about = "who is asking" },
	{ DELETE, "/api/me", NEED_ADMIN, 0, ROUTE_BODY, account_delete_me,
	    .about = "removes the account and all that belongs to it" },
	{ GET, "/api/me/export", NEED_ADMIN | NEED_STREAM, 0, 0,
	    account_get_export, .about = "all that is kept about the account" },
	{ GET, "/api/audit", NEED_ADMIN, 0, 0, account_get_audit,
	    .about = "sign-ins, and what happened to keys and plan",
	    .query = "cursor limit" },
	{ GET, "/api/dashboard/overview", NEED_READ, 0, 0, account_get_overview,
	    .about = "user, plan, usage, keys and storage at once" },
	{ GET, "/api/plans", NEED_IP_LIMIT, 0, 0, account_get_plans,
	    .about = "what there is to have" },
};

static const struct chore chores[] = {
	{ "account-removal", "removes accounts that are leaving", NS_PER_S,
	    account_deletion_resume },
};

const struct room account_room = {
	.name = "account",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
};
