"""Maps the claims of an identity provider to an Identity of this product."""

from collections.abc import Mapping
from typing import Any

from core.auth.accounts import MOST_CHARS
from core.auth.identity import Identity, Role
from core.errors import Permanent
from core.setting import names_in
from core.sign_in_settings import SignInSettings


def identity_of(claims: Mapping[str, Any], settings: SignInSettings) -> Identity:
    """Returns the identity that the claims describe.

    Raises Permanent auth/refused if they name nobody, auth/forbidden if none of their groups may sign in.
    """
    user_id = _user_id(claims, settings.user_claim)
    groups = _groups(claims.get(settings.roles_claim))
    operators = frozenset(names_in(settings.operator_groups))
    reviewers = frozenset(names_in(settings.reviewer_groups))
    is_operator = bool(groups & operators)
    if reviewers and not is_operator and not groups & reviewers:
        raise Permanent("auth/forbidden", "You are signed in, but in no group that may use AI-Prism.")
    roles = frozenset(Role) if is_operator else frozenset({Role.REVIEWER})
    name = _text(claims.get(settings.name_claim)) or user_id
    return Identity(user_id, name, roles)


def _user_id(claims: Mapping[str, Any], claim: str) -> str:
    user_id = _text(claims.get(claim))
    if not user_id:
        raise Permanent("auth/refused", f"The sign-in service does not say who you are: no {claim}.")
    if claim != "email":
        return user_id
    # An unverified address may be somebody else's.
    if str(claims.get("email_verified", True)).lower() == "false":
        raise Permanent("auth/refused", "The sign-in service has not verified your address.")
    return user_id.casefold()


def _text(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= MOST_CHARS and text.isprintable() else ""


def _groups(value: Any) -> frozenset[str]:
    """The groups of a claim that is a list or one comma separated text."""
    names = value if isinstance(value, list) else str(value or "").strip("[]").split(",")
    return frozenset(str(name).strip().strip('"') for name in names)
