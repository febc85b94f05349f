"""AUTH=local: people change their own password; all other sign-ins of the account end with it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.auth.cookies import SESSION_COOKIE
from core.auth.password_rules import LEAST_CHARS
from core.auth.service import SignIn
from core.errors import AppError, Permanent
from core.web.context import current_identity, services
from core.web.cookies import set_cookie
from core.web.problems import prefers_html, retry_after
from core.web.security import client_address

blueprint = Blueprint("account", __name__, url_prefix="/account")

_REFUSALS = {"auth/wrong", "auth/too-many", "account/password"}


@blueprint.get("")
def page() -> str:
    _way()
    return _page(changed=request.args.get("changed") == "1")


@blueprint.post("/password")
def change_password() -> Response | tuple[str, int, dict[str, str]]:
    """A browser that is refused gets the page again with the reason."""
    way = _way()
    assert way.passwords is not None  # noqa: S101 - _way has looked
    try:
        cookie = way.passwords.change_password(
            current_identity(),
            present=request.form.get("present", ""),
            new=request.form.get("new", ""),
            address=client_address(),
        )
    except AppError as error:
        if error.code not in _REFUSALS or not prefers_html():
            raise
        return _page(error=error), error.kind.status, retry_after(error)
    response = redirect(url_for("account.page", changed=1), 303)
    set_cookie(response, SESSION_COOKIE, cookie)
    return response


def _page(*, error: AppError | None = None, changed: bool = False) -> str:
    return render_template("account.html", error=error, changed=changed, least=LEAST_CHARS)


def _way() -> SignIn:
    """How people sign in. Raises Permanent request/not-found where no password is ours to change."""
    way = services().sign_in
    if way is None or way.passwords is None:
        raise Permanent("request/not-found")
    return way
