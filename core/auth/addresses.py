"""Client addresses as rate limits count them."""

import ipaddress

_OF_ONE_CUSTOMER = 64
"""Prefix length. One IPv6 customer has at least such a network (RFC 6177) and may use a new address each time."""


def network_of(address: str) -> str:
    """The /64 of an IPv6 address; an IPv4 address (also one mapped into IPv6) or any other text unchanged."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), _OF_ONE_CUSTOMER), strict=False))
