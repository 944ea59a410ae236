# operators.geo: addresses, besides loopback, that may read /status and /metrics:
# an address or a network, then 1. A proxy on this machine must be listed in
# balancers.conf, or all of its clients count as loopback. A client whose address a
# balancer does not tell (X-Forwarded-For: unknown) is no operator.
#
#     192.0.2.10	1;
#     10.20.0.0/16	1;
