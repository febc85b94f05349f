"""Reading uploads without a child process: scripted readers."""

import json
from typing import Any

from tests.support.reviews import BLOCKS, SECTIONS, rules_of
from tests.support.web import WebTier

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
"""Enough of a file to be taken for a PDF; it is never opened."""


class ScriptedReaders:
    """Reads every document as the sample review, or raises what it is told to; keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.ready = 0

    def get_ready(self) -> None:
        self.ready += 1

    def run(self, entry: str, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((entry, request))
        if self.error:
            raise self.error
        return {
            "ok": True,
            "kind": request["kind"],
            "pages": 2,
            "notices": ["tracked-changes"],
            "blocks": [block.to_dict() for block in BLOCKS],
            "sections": [section.to_dict() for section in SECTIONS],
            "rules": json.loads(json.dumps([one.to_dict() for one in rules_of(request["session_id"])])),
        }


def use_readers(web: WebTier, readers: ScriptedReaders) -> ScriptedReaders:
    object.__setattr__(web.app.extensions["services"], "readers", readers)
    return readers
