"""Who sent a request, before any handler runs: sign-in asked for, form tokens held to, rates kept."""

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from core.auth.addresses import network_of
from core.auth.cookies import SESSION_COOKIE
from core.errors import Permanent
from core.web.context import rates, services
from core.web.cookies import set_cookie
from core.web.problems import prefers_html
from core.web.security import SAFE_METHODS, client_address

FORM_TOKEN_HEADER, FORM_TOKEN_FIELD = "X-Form-Token", "form_token"
HEALTH_AND_FILES = frozenset({"static", "health.health", "health.ready"})
"""Endpoints that have no rate and are in no statistics: load balancers ask them all day."""

PUBLIC_ENDPOINTS = HEALTH_AND_FILES | frozenset(
    {
        "sign_in.page",
        "sign_in.sign_in",
        "oidc.begin",
        "oidc.come_back",
        "download_links.fetch",
    }
)
_FORM = "application/x-www-form-urlencoded"


def register_identity(app: Flask) -> None:
    app.before_request(_identify)
    app.before_request(_check_form_token)
    app.before_request(_keep_rates)
    app.after_request(_renew_cookie)
    app.context_processor(_for_templates)


def _identify() -> BaseResponse | None:
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    g.identity = services().identity.identify(dict(request.headers))
    if g.identity is not None:
        return None
    opens_page = request.method in ("GET", "HEAD") and prefers_html()
    if services().sign_in is None or not opens_page:
        raise Permanent("auth/required")
    wanted = request.path + (
        f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    )
    return redirect(f"{url_for('sign_in.page')}?next={quote(wanted)}")


def _check_form_token() -> None:
    """A browser sends its cookie for any site's page; the form token only pages of this site know."""
    identity = g.get("identity")
    if identity is None or not identity.session or request.method in SAFE_METHODS:
        return
    sent = request.headers.get(FORM_TOKEN_HEADER, "")
    if not sent and request.mimetype == _FORM:
        sent = request.form.get(FORM_TOKEN_FIELD, "")
    if not services().tokens.fits_form(identity.session, sent):
        raise Permanent("request/form-token")


def _keep_rates() -> None:
    """Counts a request by its user; without a user by its address."""
    identity, endpoint = g.get("identity"), request.endpoint or ""
    if identity is not None:
        rates().take(identity.user_id, endpoint)
    elif endpoint in PUBLIC_ENDPOINTS - HEALTH_AND_FILES:
        rates().take(f"address {network_of(client_address())}", endpoint)


def _renew_cookie(response: Response) -> Response:
    """Renews the cookie in time, so that whoever goes on working stays signed in."""
    identity, way = g.get("identity"), services().sign_in
    sets_another = request.endpoint in ("sign_in.sign_out", "account.change_password")
    if way is None or identity is None or not identity.session or sets_another:
        return response
    fresh = way.sessions.renewed(request.cookies.get(SESSION_COOKIE, ""))
    if fresh is not None:
        set_cookie(response, SESSION_COOKIE, fresh)
    return response


def _for_templates() -> dict[str, Any]:
    identity, way = g.get("identity"), services().sign_in
    session = identity.session if identity is not None else ""
    return {
        "identity": identity,
        "can_share": services().identity.can_share,
        "form_token": services().tokens.form_token(session) if session else "",
        "has_password": bool(session) and way is not None and way.passwords is not None,
    }
