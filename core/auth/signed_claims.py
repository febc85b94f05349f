"""Verifies signed claims (JWS, RFC 7515), and fetches and caches the public keys for that.

Tokens are split here and not by joserfc: AWS load balancers pad the three parts with "=" and sign them with it.
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from core.clock import Clock
from core.errors import Transient

PUBLIC_KEY_ALGORITHMS = ("ES256", "ES384", "RS256", "RS384", "RS512", "PS256")
_KEPT_S, _ASKED_AGAIN_S, _PATIENCE_S = 3600.0, 60.0, 5.0
_MOST_ASKED = 10
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MOST_CHARS = 16_384


class NotSigned(Exception):
    """The token is not valid. The message is for the log only, never for the client."""


KeyFor = Callable[[str], Key]
"""Key id -> the key. Raises NotSigned for an unknown one, Transient auth/provider."""


def signed_claims(
    token: str, key_for: KeyFor, *, algorithms: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns (header, claims) of a token with a valid signature; does not check the claims. Raises NotSigned."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _MOST_CHARS:
        raise NotSigned("it is no signed token")
    header, claims = _document(parts[0]), _document(parts[1])
    name, key_id = header.get("alg"), header.get("kid", "")
    if name not in algorithms or not isinstance(key_id, str) or "crit" in header:
        raise NotSigned("its algorithm is not one of those expected")
    try:
        algorithm, key = JWSRegistry(algorithms=algorithms).get_alg(name), key_for(key_id)
        algorithm.check_key(key)
        good = algorithm.verify(f"{parts[0]}.{parts[1]}".encode(), _bytes(parts[2]), key)
    except (JoseError, ValueError) as error:
        raise NotSigned("its key does not fit") from error
    if not good:
        raise NotSigned("its signature is wrong")
    return header, claims


def secret_key(secret: str) -> KeyFor:
    key = OctKey.import_key(secret)
    return lambda _key_id: key


@dataclass
class PublicKeys:
    """Fetches and caches public keys for an hour.

    url: of a JWKS, or with {kid} of one PEM per key. fetch: as `fetched`.
    """

    url: str
    clock: Clock
    fetch: Callable[[str], bytes | None]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _kept: dict[str, Key] = field(default_factory=dict, repr=False)
    _asked_at: dict[str, float] = field(default_factory=dict, repr=False)

    def __call__(self, key_id: str) -> Key:
        """At most ten unknown key ids are fetched per minute, each once: clients can make them up."""
        if key_id and not _KEY_ID.fullmatch(key_id):
            raise NotSigned("its key id has no such shape")
        with self._lock:
            known, now = self._known(key_id) is not None, self.clock.now()
            age_s = now - self._asked_at.get(self._place(key_id), 0.0)
            lately = sum(now - at < _ASKED_AGAIN_S for at in self._asked_at.values())
            if age_s > (_KEPT_S if known else _ASKED_AGAIN_S) and lately < _MOST_ASKED:
                self._ask(key_id)
            key = self._known(key_id)
        if key is None:
            raise NotSigned("nobody knows its key")
        return key

    def _place(self, key_id: str) -> str:
        return self.url.replace("{kid}", key_id)

    def _known(self, key_id: str) -> Key | None:
        """The key; for a token without a key id the only one, if there is just one."""
        if not key_id and len(self._kept) == 1:
            return next(iter(self._kept.values()))
        return self._kept.get(key_id)

    def _ask(self, key_id: str) -> None:
        place = self._place(key_id)
        self._asked_at = {**dict(list(self._asked_at.items())[-100:]), place: self.clock.now()}
        body = self.fetch(place)
        if body is not None and "{kid}" in self.url:
            self._kept[key_id] = _pem(body)
        elif body is not None:
            self._kept = {str(key.kid or ""): key for key in _key_set(body).keys}


def fetched(url: str) -> bytes | None:
    """Returns the body at the address, or None for 403 and 404. Raises Transient auth/provider."""
    try:
        answer = requests.get(url, timeout=_PATIENCE_S, allow_redirects=False)
    except requests.RequestException as error:
        raise Transient("auth/provider", f"{url} did not answer.") from error
    if answer.status_code in (403, 404):
        return None
    if answer.status_code != 200:
        raise Transient("auth/provider", f"{url} answered with status {answer.status_code}.")
    return bytes(answer.content)


def _key_set(body: bytes) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(body))
    except (JoseError, ValueError, KeyError) as error:
        raise Transient("auth/provider", "The provider's keys cannot be read.") from error


def _pem(body: bytes) -> Key:
    for kind in (ECKey, RSAKey):
        with suppress(JoseError, ValueError, TypeError):
            return kind.import_key(body)
    raise Transient("auth/provider", "The load balancer's key cannot be read.")


def _document(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise NotSigned("a part of it is no JSON") from error
    if not isinstance(found, Mapping):
        raise NotSigned("a part of it is no object")
    return dict(found)


def _bytes(part: str) -> bytes:
    text = part.rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
