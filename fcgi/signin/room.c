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
	    .about = "sends a browser to GitHub", .query = "return" },
	{ GET, "/auth/github/callback", NEED_IP_LIMIT, 0, 0, sign_in_finish,
	    .about = "signs in who comes back from GitHub",
	    .query = ROUTE_ANY_QUERY },
	{ POST, "/auth/logout", NEED_PERSON, 0, 0, session_sign_out,
	    .about = "ends the session that asks" },
	{ POST, "/auth/device", NEED_IP_LIMIT, 0, ROUTE_BODY, device_begin,
	    .about = "codes for a device that asks to be let in" },
	{ POST, "/auth/device/token", NEED_IP_LIMIT, 0, ROUTE_BODY, device_ask,
	    .about = "a session for a device that was let in" },
	{ GET, "/.well-known/oauth-authorization-server", NEED_IP_LIMIT, 0, 0,
	    device_metadata, .about = "where OAuth clients begin" },
	{ GET, "/api/device/:user_code", NEED_PERSON, 0, 0, device_show,
	    .about = "the device that waits with that code" },
	{ POST, "/api/device/:user_code", NEED_PERSON, 0, ROUTE_BODY,
	    device_answer, .about = "lets it in, or does not" },
	{ GET, "/api/session", NEED_PERSON, 0, 0, session_show,
	    .about = "who is signed in, for the pages" },
	{ GET, "/api/sessions", NEED_PERSON, 0, 0, session_show_all,
	    .about = "where the account is signed in",
	    .query = "cursor limit" },
	{ DELETE, "/api/sessions/:session_id", NEED_PERSON, 0, 0, session_end,
	    .about = "ends that session, at once" },
};

static const struct chore chores[] = {
	{ "session-sweep", "removes sessions and codes that ended long ago",
	    10 * NS_PER_S, session_sweep },
};

const struct room signin_room = {
	.name = "signin",
	.options = &signin_options,
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
};
