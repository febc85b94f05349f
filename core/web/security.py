"""What every request passes and every answer carries: known host, no foreign site, strict headers."""

import re
from urllib.parse import urlsplit

from flask import Flask, Response, request

from core.config import Settings
from core.errors import Permanent
from core.sign_in_settings import AUTH_NONE, LOOPBACK_HOSTS, SignInSettings
from core.web.context import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PROBES = frozenset({"health.health", "health.ready"})
_ADDRESS_MAX_CHARS = 64
_TLS_ONLY = "max-age=31536000; includeSubDomains"
_OWN_SITE = frozenset({"same-origin", "none"})
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?P<port>:\d{1,5})?")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register_security(app: Flask, settings: Settings) -> None:
    signs_in = settings.web.auth != AUTH_NONE

    def check_host() -> None:
        # Without sign-in the name it was reached by is the only wall between a web site and this machine's
        # port: a site can point its own name at 127.0.0.1, but cannot make a browser send another Host.
        # A load balancer asks for health by address.
        is_probe = signs_in and request.endpoint in _PROBES
        if not is_probe and not _is_own_host(request.headers.get("Host", ""), settings.sign_in):
            raise Permanent("request/host")

    def add_headers(response: Response) -> Response:
        """Also on errors. Only static files may be kept by browsers and proxies: the rest is someone's review."""
        response.headers.update(_HEADERS)
        if signs_in:
            response.headers["Strict-Transport-Security"] = _TLS_ONLY  # browsers heed it over https alone
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
            return response
        # "inline" with the name that the address ends in says nothing, on each of the workspace's 62 files.
        response.headers.pop("Content-Disposition", None)
        if request.query_string:  # its version: another file has another address
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.before_request(check_host)
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)


def client_address() -> str:
    """The address of whoever sent the request; behind load balancers, as the outermost of them has seen it."""
    hops = services().settings.sign_in.forwarded_hops
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(forwarded) >= hops:
        return forwarded[-hops].strip()[:_ADDRESS_MAX_CHARS]
    return request.remote_addr or ""


def _is_own_host(host: str, given: SignInSettings) -> bool:
    """PUBLIC_URL's, where there is one; else the settings allow a loopback address alone."""
    if not given.public_url:
        return is_loopback_host(host)
    default = ":443" if given.public_url.startswith("https") else ":80"
    return host.lower().removesuffix(default) == given.public_host.removesuffix(default)


def is_loopback_host(host: str) -> bool:
    """`host` as in a Host header, with any port."""
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower() in LOOPBACK_HOSTS


def refuse_cross_site() -> None:
    """Raises request/cross-site by fetch metadata and Origin. Clients that send neither are not browsers."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    from_foreign_site = site is not None and site not in _OWN_SITE
    from_foreign_origin = origin is not None and not _same_host(origin, request.headers.get("Host", ""))
    if from_foreign_site or from_foreign_origin:
        raise Permanent("request/cross-site")


def _same_host(origin: str, host: str) -> bool:
    """Compares host and port; the scheme may differ where TLS ends before this process."""
    try:
        parts = urlsplit(origin)
    except ValueError:  # half an IPv6 address, for one
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    default = ":443" if parts.scheme == "https" else ":80"
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)
