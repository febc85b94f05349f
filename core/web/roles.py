"""What operators alone may do; who tries without being one is in the audit."""

from flask import Blueprint, request

from core.auth.identity import Identity, user_hash
from core.errors import Permanent
from core.queueing.audit import Deed
from core.web.context import current_identity, services
from core.web.security import client_address


def require_operator() -> Identity:
    """Who asks, when an operator does. Raises Permanent auth/forbidden, auth/required."""
    identity = current_identity()
    if not identity.is_operator:
        about = {
            "account": user_hash(identity.user_id),
            "address": client_address(),
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else "unmatched",
        }
        services().queueing.audit.write(Deed("ops.refused", identity.user_id, "", about=about))
        raise Permanent("auth/forbidden")
    return identity


def operators_only(blueprint: Blueprint) -> None:
    """Every route of `blueprint` asks for an operator first."""

    def check() -> None:
        require_operator()

    blueprint.before_request(check)
