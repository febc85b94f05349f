"""An OpenID provider on loopback: oidc-provider-mock, made to insist on PKCE, which by itself it passes over.

`python -m tests.support.oidc_provider PORT '{"sub": "ann", "email": "ann@example.org"}' ...`
"""

import json
import sys
from typing import Any

import oidc_provider_mock
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app

_challenges: dict[str, str] = {}


class _Grant(_app.AuthorizationCodeGrant):
    def save_authorization_code(self, code: str, request: Any) -> None:
        super().save_authorization_code(code, request)
        _challenges[code] = request.payload.data.get("code_challenge", "")


class _Challenge(CodeChallenge):
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def get_authorization_code_challenge(self, authorization_code: Any) -> str:
        return _challenges[authorization_code.code] or "none was sent"

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        return "S256"


class _OpenIdCode(_app.OpenIDCode):
    def __call__(self, grant: Any) -> None:
        super().__call__(grant)
        _Challenge()(grant)


def main() -> None:
    _app.AuthorizationCodeGrant, _app.OpenIDCode = _Grant, _OpenIdCode
    users = [json.loads(text) for text in sys.argv[2:]]
    claims = [oidc_provider_mock.User(sub=one["sub"], claims=one) for one in users]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=claims)
    app.run(host="127.0.0.1", port=int(sys.argv[1]), threaded=True)


if __name__ == "__main__":
    main()
