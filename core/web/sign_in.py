"""Signing in and out: by name and password, or by way of an OpenID provider."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.auth.cookies import BROWSER_COOKIE, BROWSER_VALID_S, SESSION_COOKIE
from core.auth.service import SignIn
from core.errors import AppError, Permanent
from core.web.context import current_identity, services
from core.web.cookies import drop_cookie, set_cookie
from core.web.problems import prefers_html, retry_after
from core.web.security import client_address

blueprint = Blueprint("sign_in", __name__)

_REFUSALS = {"auth/wrong", "auth/too-many"}
_FORM_MAX_BYTES = 16 * 1024


@blueprint.get("/login")
def page() -> Response | str:
    if _sign_in() is None or _present() is not None:
        return redirect(local_target(request.args.get("next", "")))
    return _page(local_target(request.args.get("next", "")))


@blueprint.post("/login")
def sign_in() -> Response | tuple[str, int, dict[str, str]]:
    """Signs in by name and password. A browser that is refused gets the page again with the reason."""
    request.max_content_length = _FORM_MAX_BYTES
    target, way = local_target(request.form.get("next", "")), _sign_in()
    if way is None or way.passwords is None:
        raise Permanent("request/not-found")
    try:
        begun = way.passwords.sign_in(
            request.form.get("name", ""),
            request.form.get("password", ""),
            address=client_address(),
            browser=request.cookies.get(BROWSER_COOKIE, ""),
        )
    except AppError as error:
        if error.code not in _REFUSALS or not prefers_html():
            raise
        return _page(target, error=error), error.kind.status, retry_after(error)
    response = signed_in(begun.cookie, target)
    set_cookie(response, BROWSER_COOKIE, begun.browser, max_age_s=BROWSER_VALID_S)
    return response


@blueprint.post("/logout")
def sign_out() -> Response:
    identity, way = current_identity(), _sign_in()
    if way is not None and identity.session:
        way.sessions.end(identity)
    response = redirect(url_for("sign_in.page"), 303)
    drop_cookie(response, SESSION_COOKIE)
    return response


@blueprint.get("/me")
def me() -> dict[str, Any]:
    """form_token: what a script that signed in with a cookie sends as X-Form-Token; null without a cookie."""
    identity = current_identity()
    return {
        "user_id": identity.user_id,
        "name": identity.name,
        "roles": sorted(identity.roles),
        "can_share": services().identity.can_share,
        "form_token": services().tokens.form_token(identity.session) if identity.session else None,
    }


def signed_in(cookie: str, target: str) -> Response:
    """Redirects to `target` with the new cookie, and ends the session that the browser had before."""
    way, before = _sign_in(), _present()
    if way is not None and before is not None:
        way.sessions.end(before)
    response = redirect(target, 303)
    set_cookie(response, SESSION_COOKIE, cookie)
    return response


def local_target(wanted: str) -> str:
    """Returns where to go after signing in: a path of this site, else the start page. Browsers read \\ as /."""
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted else "/"


def _page(target: str, error: AppError | None = None) -> str:
    way = _sign_in()
    return render_template(
        "login.html",
        target=target,
        name=request.form.get("name", "")[:200],
        error=error,
        provider=way is not None and way.oidc is not None,
    )


def _present() -> Any:
    return services().identity.identify(dict(request.headers))


def _sign_in() -> SignIn | None:
    return services().sign_in
