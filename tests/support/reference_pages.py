"""The pages of docs/ that are made: errors, settings, licences: `python -m tests.support.reference_pages`."""

from itertools import groupby
from pathlib import Path

import core
from core.config import documented_settings
from core.error_catalogue import CATALOGUE
from tests.support.dependencies import licences_page

DOCS = Path(core.__file__).parents[1] / "docs"
_ROOMS = {
    "document": "Documents: refused at upload, before anything is stored",
    "guidelines": "Guidelines: refused before anything is stored",
    "request": "Requests",
    "auth": "Who is asking",
    "account": "Accounts",
    "session": "Reviews",
    "section": "Sections",
    "outline": "Changing the outline",
    "finding": "Findings",
    "reply": "Replies",
    "checklist": "The team's checklists",
    "guidance": "The team's guidance",
    "review": "Working on a review together",
    "letters": "Dead letters",
    "task": "Tasks: why a section or a question has no result",
    "chat": "Chat",
    "export": "Downloads",
    "model": "Models",
    "aws": "AWS",
    "storage": "Storage",
    "queue": "Queues",
    "limiter": "The shared limits",
    "limits": "Limits: size, number of uploads, cost",
    "internal": "The rest",
}

ERRORS_HEAD = """# Errors

Every error has a stable code. The web tier answers with problem+json (RFC 9457): `code`, `title`, `detail` (this
occurrence), `next_step`, and `correlation_id`, under which the logs have it. A failed task carries the same code in
`error`. Which codes an operation can give is in `/openapi.json`. Made from `core.error_catalogue`.
"""

SETTINGS_HEAD = """# Settings

Read from the environment once, at the start of each process; all faults are reported together and the process does
not start. `make run` sets what a first run needs. Besides these, boto3 reads its own `AWS_*` variables: credentials,
and `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_SQS` for another endpoint. Made from `core.config`.

| Variable | Default | Meaning |
|---|---|---|
"""


def errors_page() -> str:
    rows = sorted(CATALOGUE.items(), key=lambda row: list(_ROOMS).index(row[0].split("/")[0]))
    parts = [ERRORS_HEAD]
    for room, codes in groupby(rows, key=lambda row: row[0].split("/")[0]):
        parts.append(
            f"\n## {_ROOMS[room]}\n\n| Code | Status | What happened | What to do |\n|---|---|---|---|\n"
        )
        parts += [f"| `{code}` | {kind.status} | {kind.title} | {kind.next_step} |\n" for code, kind in codes]
    return "".join(parts)


def settings_page() -> str:
    rows = (
        f"| `{name}` | {f'`{default}`' if default else 'none'} | {meaning} |\n"
        for name, default, meaning in documented_settings()
    )
    return SETTINGS_HEAD + "".join(rows)


PAGES = {"errors.md": errors_page, "settings.md": settings_page, "licences.md": licences_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
