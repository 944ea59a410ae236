/*
 * The options of meter.
 */
#include "fcgi/meter/options.h"

static const struct conf_option rows[] = {
	{ "IO7_ADDRESS_LIMIT", CONF_NUMBER, "20",
	    "Maximum requests a minute without a known credential from one IP"
	    " address, or from one /64 of IPv6.",
	    .offset = offsetof(struct meter_options, address_limit), .min = 1,
	    .max = 1000000 },
};

const struct conf_slice meter_options = CONF_SLICE(rows, struct meter_options);
