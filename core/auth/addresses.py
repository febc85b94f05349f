"""Addresses as guesses and requests are counted by."""

import ipaddress

_OF_ONE_CUSTOMER = 64
"""An IPv6 customer has at least so large a network to itself (RFC 6177), and may use another address each time."""


def network_of(address: str) -> str:
    """Of an IPv6 address its /64; an IPv4 address, also one written as IPv6, and what is none as it is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), _OF_ONE_CUSTOMER), strict=False))
