/*
 * The room signin: browsers and devices sign in and sign out. No route costs
 * credits, so an account without credits can still sign out.
 */
#include "fcgi/room.h"

#include "fcgi/signin/device.h"
#include "fcgi/signin/options.h"
#include "fcgi/signin/session.h"
#include "fcgi/signin/sign_in.h"

static const struct route routes[] = {
	{ GET, "/auth/github", NEED_IP_LIMIT, 0, 0, sign_in_begin,
	    .about = "redirects a browser to GitHub", .query = "return" },
	{ GET, "/auth/github/callback", NEED_IP_LIMIT, 0, 0, sign_in_finish,
	    .about = "completes a sign-in with GitHub", .pool = &stream_pool,
	    .query = ROUTE_ANY_QUERY },
	{ POST, "/auth/logout", NEED_PERSON, 0, 0, session_sign_out,
	    .about = "ends the caller's session" },
	{ POST, "/auth/device", NEED_IP_LIMIT, 0, ROUTE_BODY, device_begin,
	    .about = "returns the codes of a device that wants to sign in" },
	{ POST, "/auth/device/token", NEED_IP_LIMIT, 0, ROUTE_BODY, device_ask,
	    .about = "returns the session of an approved device" },
	{ GET, "/.well-known/oauth-authorization-server", NEED_IP_LIMIT, 0, 0,
	    device_metadata,
	    .about = "returns the OAuth metadata of RFC 8414" },
	{ GET, "/api/device/:user_code", NEED_PERSON, 0, 0, device_show,
	    .about = "returns the device that waits with a code" },
	{ POST, "/api/device/:user_code", NEED_PERSON, 0, ROUTE_BODY,
	    device_answer, .about = "approves or denies a device" },
	{ GET, "/api/session", NEED_PERSON, 0, 0, session_show,
	    .about = "returns the caller's session, for the pages" },
	{ GET, "/api/sessions", NEED_PERSON, 0, 0, session_show_all,
	    .about = "lists the account's sessions", .query = "cursor limit" },
	{ DELETE, "/api/sessions/:session_id", NEED_PERSON, 0, 0, session_end,
	    .about = "ends a session immediately" },
};

static const struct room_limit limits[] = {
	{ LIMITS_ACCOUNTS, "Session lifetime without use", "session",
	    SESSION_SECONDS, "seconds", .err = E_UNAUTHORIZED },
	{ LIMITS_ACCOUNTS, "Session lifetime in total", "session",
	    SESSION_SECONDS_MAX, "seconds", .err = E_UNAUTHORIZED },
};

static const struct chore chores[] = {
	{ "session-sweep", .about = "deletes old sessions and sign-in codes",
	    .every_ns = 10 * NS_PER_S, .run = session_sweep },
};

static const struct room_page pages[] = {
	{ "/dashboard/device", "Devices" },
};

const struct room signin_room = {
	.name = "signin",
	.options = &signin_options,
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.pages = { ROWS(pages) },
};
