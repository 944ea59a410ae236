/*
 * input: refuses unknown query parameters, and bodies of a media type that the
 * route does not accept.
 *
 * The lists are in the route's row. A misspelt name must not be ignored: the
 * client would believe that it had an effect.
 */
#ifndef IO7_FCGI_HTTP_INPUT_H
#define IO7_FCGI_HTTP_INPUT_H

#include "fcgi/http/req.h"

/* E_BAD_REQUEST with the first name that the route's row does not list. */
enum err input_check_query(struct req *) MUST_CHECK;

/*
 * E_UNSUPPORTED_MEDIA_TYPE where the row does not list the body's type. A body
 * without a type passes. E_BAD_REQUEST for a PUT of a part (Content-Range).
 */
enum err input_check_type(struct req *) MUST_CHECK;

/* The 415 that names the types of the route. */
enum err input_refuse_type(struct req *);

/* The media types that a route accepts, separated by spaces. */
const char *input_types(const struct route *);

#endif
