"""Cookies as the product sets them: only for this host, only over https, out of reach of scripts."""

from werkzeug.wrappers import Response


def set_cookie(response: Response, name: str, value: str, *, max_age_s: float | None = None) -> None:
    """Sets a cookie. max_age_s: without it the browser drops the cookie when it is closed."""
    response.set_cookie(
        name,
        value,
        max_age=None if max_age_s is None else int(max_age_s),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
