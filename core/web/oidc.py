"""The way to the OpenID provider and back."""

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from core.auth.cookies import OIDC_COOKIE, OIDC_VALID_S
from core.errors import Permanent
from core.web.context import services
from core.web.cookies import drop_cookie, set_cookie
from core.web.security import client_address
from core.web.sign_in import local_target, signed_in

if TYPE_CHECKING:
    from core.auth.oidc import OidcSignIn

blueprint = Blueprint("oidc", __name__)


@blueprint.get("/login/oidc")
def begin() -> Response:
    address, cookie = _provider().begin(local_target(request.args.get("next", "")))
    response = redirect(address)
    set_cookie(response, OIDC_COOKIE, cookie, max_age_s=OIDC_VALID_S)
    return response


@blueprint.get("/login/oidc/callback")
def come_back() -> Response:
    arrived = _provider().finish(request.args, request.cookies.get(OIDC_COOKIE, ""), address=client_address())
    response = signed_in(arrived.cookie, arrived.target)
    drop_cookie(response, OIDC_COOKIE)
    return response


def _provider() -> "OidcSignIn":
    """The OpenID provider. Raises Permanent request/not-found where people sign in another way."""
    way = services().sign_in
    if way is None or way.oidc is None:
        raise Permanent("request/not-found")
    return way.oidc
