"""Signing in and out, and who one is."""

from core.auth.identity import Role
from core.web.api.answer import Answer
from core.web.api.refusals import STORAGE
from core.web.api.spec import HTML, FormPart, Query, RouteSpec


class Me(Answer):
    """The current user.

    can_share: whether other users can sign in. form_token: to be sent as X-Form-Token by a client with a session
    cookie.
    """

    user_id: str
    name: str
    roles: list[Role]
    can_share: bool
    form_token: str | None


_NEXT = "Path of this site to open afterwards"

ROUTES = (
    RouteSpec("GET", "/me", "Who I am", gives=Me),
    RouteSpec(
        "GET",
        "/login",
        "The page to sign in",
        media=HTML,
        query=(Query("next", _NEXT),),
        also={302: "Signed in already, or there is no sign-in here"},
        public=True,
    ),
    RouteSpec(
        "POST",
        "/login",
        "Sign in with a name and a password",
        media=HTML,
        form={
            "name": FormPart("Of the account", is_text=True),
            "password": FormPart("Its password", is_text=True),
            "next": FormPart(_NEXT, required=False, is_text=True),
        },
        also={303: "Signed in: a session cookie, and on to `next`"},
        errors=(
            "auth/wrong",
            "auth/too-many",
            "auth/disabled",
            "request/not-found",
            "limits/requests",
            "request/too-large",
            *STORAGE,
        ),
        public=True,
    ),
    RouteSpec(
        "GET",
        "/login/oidc",
        "To the OpenID provider",
        media=HTML,
        query=(Query("next", _NEXT),),
        also={302: "On to the provider"},
        errors=("request/not-found", "auth/provider", "limits/requests"),
        public=True,
    ),
    RouteSpec(
        "GET",
        "/login/oidc/callback",
        "Back from the OpenID provider",
        media=HTML,
        query=tuple(Query(name, "From the provider") for name in ("code", "state", "error")),
        also={303: "Signed in: a session cookie, and on to where one was going"},
        errors=(
            "request/not-found",
            "limits/requests",
            "auth/refused",
            "auth/forbidden",
            "auth/disabled",
            "auth/provider",
            *STORAGE,
        ),
        public=True,
    ),
    RouteSpec(
        "GET",
        "/account",
        "The page to change my password",
        media=HTML,
        query=(Query("changed", "1: it was changed just now"),),
        errors=("request/not-found",),
    ),
    RouteSpec(
        "POST",
        "/account/password",
        "Change my password; all other sign-ins of the account end",
        media=HTML,
        form={
            "present": FormPart("The present one", is_text=True),
            "new": FormPart("The new one", is_text=True),
        },
        also={303: "Changed: a new session cookie"},
        errors=("request/not-found", "auth/wrong", "auth/too-many", "account/password", "account/not-found"),
    ),
    RouteSpec("POST", "/logout", "Sign out, everywhere this cookie is", also={303: "To the page to sign in"}),
)
