"""Entry of the limited child for a text without a document: one section, and what the rules say about it."""

from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.documents.model import DocumentKind, Section
from core.documents.reading import read_document


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{path, session_id, section_name, rules_off?} -> {kind, blocks, sections, rules}, all as plain dicts."""
    document = read_document(Path(request["path"]), DocumentKind.TEXT)
    chars = sum(len(block.text) for block in document.blocks)
    section = Section("s1", request["section_name"], first=0, last=len(document.blocks) - 1, chars=chars)
    from core.rules.reviewing import review_section

    # Not the rules about whole documents: nobody expects a root cause in a summary that was pasted here.
    off = request.get("rules_off", ())
    rules = review_section(section, document.blocks, session_id=request["session_id"], off=off)
    return {
        "kind": document.kind.value,
        "blocks": [block.to_dict() for block in document.blocks],
        "sections": [section.to_dict()],
        "rules": [finding.to_dict() for finding in rules],
    }


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
