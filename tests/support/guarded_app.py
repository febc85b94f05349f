"""A second web tier with sign-in (AUTH=local) on the queues, bucket and workers of a running product."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.auth.accounts import Accounts
from core.aws.object_store import ObjectStore, S3ObjectStore
from core.clock import SystemClock
from infra.local.reaper import Reaper
from tests.support.http_browser import HttpBrowser
from tests.support.processes import SECRET, Processes, Running
from tests.support.review_app import ReviewApp
from tests.support.signed_in import PASSWORD, add_accounts

UPLOADS_PER_MINUTE = 3
"""Of each of its users."""

AWS_SECRET = "AwsSecretOfTheTestsThatNoLogMayHold"


@dataclass(frozen=True)
class GuardedApp:
    """app: the product beside it, whose workers do the work. web: its process."""

    app: ReviewApp
    web: Running
    store: ObjectStore

    def browser(self, user: str = "") -> HttpBrowser:
        browser = HttpBrowser(self.web.url)
        if user:
            assert browser.sign_in(user, PASSWORD).status == 303
        return browser

    def stored_keys(self, prefix: str = "") -> set[str]:
        return {info.key for info in self.store.list(prefix)}

    def logs(self) -> str:
        """The output of every process that has worked for it."""
        others = "".join(running.output() for running in self.app.processes.running)
        return others + self.web.output()


def run_guarded_app(app: ReviewApp, directory: Path, *, reaper: Reaper) -> Iterator[GuardedApp]:
    space, processes = app.space, Processes(directory, reaper)
    store = S3ObjectStore(space.client("s3"), space.bucket, space.base_path)
    add_accounts(Accounts(store, SystemClock()))
    environ = {**app.environ, "AUTH": "local", "AWS_SECRET_ACCESS_KEY": AWS_SECRET, "LOG_LEVEL": "DEBUG"}
    environ["UPLOADS_PER_MINUTE"] = str(UPLOADS_PER_MINUTE)
    try:
        yield GuardedApp(app, processes.web(environ), store)
    finally:
        processes.end_all()


def secrets_of(guarded: GuardedApp, *browsers: HttpBrowser) -> list[str]:
    """What must be in no log: keys, passwords, cookies, form tokens."""
    kept = [value for browser in browsers for value in (*browser.cookies.values(), *browser.token)]
    return [SECRET, guarded.app.environ["MESSAGE_KEYS"], AWS_SECRET, PASSWORD, *kept]


def a_mark() -> str:
    """A word that stands nowhere else."""
    return f"mark{uuid.uuid4().hex[:12]}"
