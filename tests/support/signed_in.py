"""People with accounts at an in-process web tier: they sign in with a password and keep their cookies."""

from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.auth.accounts import Account, Accounts
from core.auth.identity import Role
from core.auth.password_sign_in import LOCAL, hashed_password
from core.auth.passwords import Passwords
from core.config import Settings
from tests.support.web import SETTINGS, WebTier, make_web_tier

PASSWORD = "four quiet yellow boats"
URL = "https://localhost:8080"


def with_accounts(settings: Settings = SETTINGS, **sign_in: Any) -> Settings:
    return replace(
        settings, web=replace(settings.web, auth="local"), sign_in=replace(settings.sign_in, **sign_in)
    )


def add_accounts(accounts: Accounts) -> None:
    """Ann and Bob review, Olga operates; one password."""
    passwords = Passwords()
    people = {"ann": "Ann Archer", "bob": "Bob Baker", "olga": "Olga Orlov"}
    for user_id, name in people.items():
        hashed = hashed_password(passwords, user_id=user_id, password=PASSWORD)
        roles = frozenset(Role) if user_id == "olga" else frozenset({Role.REVIEWER})
        accounts.add(Account(user_id, name, roles, LOCAL, created_at="", password=hashed))


@dataclass
class Browser:
    """Sends what a browser on the product's own page would; keeps cookies."""

    client: FlaskClient

    def open(self, method: str, address: str, **more: Any) -> TestResponse:
        return self.client.open(address, method=method, base_url=URL, **more)

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.open("GET", address, **more)

    def sign_in(self, name: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.open("POST", "/login", data={"name": name, "password": password, **more})

    @property
    def token(self) -> str:
        return str(self.get("/me").get_json()["form_token"])

    def change(self, method: str, address: str, **more: Any) -> TestResponse:
        return self.open(method, address, headers={"X-Form-Token": self.token}, **more)


@dataclass
class GuardedTier:
    web: WebTier

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.web.store, self.web.clock)

    def browser(self, user: str = "", **sign_in: Any) -> Browser:
        """user: signed in as them."""
        browser = Browser(self.web.client(None))
        if user:
            assert browser.sign_in(user, **sign_in).status_code == 303
        return browser


def make_guarded_tier(**sign_in: Any) -> GuardedTier:
    tier = GuardedTier(make_web_tier(with_accounts(**sign_in)))
    add_accounts(tier.accounts)
    return tier


def altered(token: str) -> str:
    """Another character in the middle: of a base64 text the last one may say nothing."""
    middle = len(token) // 2
    return token[:middle] + ("1" if token[middle] == "0" else "0") + token[middle + 1 :]
