/*
 * The room account: profile, overview, audit log, export and deletion.
 */
#include "fcgi/room.h"

#include "fcgi/account/account_deletion.h"
#include "fcgi/account/handlers.h"

static const struct route routes[] = {
	{ POST, "/api/auth/validate", NEED_IP_LIMIT, 0, ROUTE_BODY,
	    account_post_validate,
	    .about =
		"returns the account and the permissions of a credential" },
	{ GET, "/api/me", NEED_READ, 0, 0, account_get_me,
	    .about = "returns the account of the caller" },
	{ DELETE, "/api/me", NEED_ADMIN, 0, ROUTE_BODY, account_delete_me,
	    .about = "deletes the account and all of its data" },
	{ GET, "/api/me/export", NEED_ADMIN | NEED_STREAM, 0, 0,
	    account_get_export, .about = "exports all data of the account",
	    .pool = &stream_pool },
	{ GET, "/api/audit", NEED_ADMIN, 0, 0, account_get_audit,
	    .about = "lists sign-ins and changes of keys and plan",
	    .query = "cursor limit" },
	{ GET, "/api/dashboard/overview", NEED_READ, 0, 0, account_get_overview,
	    .about = "returns user, plan, usage, keys and storage" },
	{ GET, "/api/plans", NEED_IP_LIMIT, 0, 0, account_get_plans,
	    .about = "lists the plans" },
};

static const struct room_limit limits[] = {
	{ LIMITS_ACCOUNTS, "Length of a credential to validate", "request",
	    ACCOUNT_TOKEN_MAX, "characters", .err = E_BAD_REQUEST,
	    .field = "token" },
};

static const struct chore chores[] = {
	{ "account-removal", .about = "completes the deletion of accounts",
	    .every_ns = NS_PER_S, .run = account_deletion_resume },
};

static const struct room_page pages[] = {
	{ "/dashboard", "Overview" },
};

const struct room account_room = {
	.name = "account",
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.pages = { ROWS(pages) },
};
