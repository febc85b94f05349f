"""What operators alone may do; who tries without being one is in the audit."""

from flask import Blueprint, request

from core.auth.identity import Identity
from core.errors import Permanent
from core.web.context import audit, current_identity
from core.web.security import client_address


def require_operator() -> Identity:
    """Who asks, when an operator does. Raises Permanent auth/forbidden, auth/required."""
    identity = current_identity()
    if not identity.is_operator:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        audit("ops.refused", method=request.method, route=route, address=client_address())
        raise Permanent("auth/forbidden")
    return identity


def operators_only(blueprint: Blueprint) -> None:
    """Every route of `blueprint` asks for an operator first."""

    def check() -> None:
        require_operator()

    blueprint.before_request(check)
