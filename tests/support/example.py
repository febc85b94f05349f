"""The example write-up that a newcomer opens with one click: `python -m tests.support.example` writes it."""

from pathlib import Path

import docx

from infra.local.environment import PROJECT

EXAMPLE = PROJECT / "static" / "example" / "Parcel redirection.docx"
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Executive summary",
        (
            "Between 3 and 9 March 2026 a group of eleven buyer accounts at Brightmoor Market redirected 41 parcels "
            "to addresses entered after the label had been printed. The parcels were worth EUR 6,120. "
            "Several sellers complained before the pattern was seen, and 29 parcels were recovered.",
            "This paper says how the address form allowed it, what was decided about the accounts, and what changes.",
        ),
    ),
    (
        "Timeline",
        (
            "On 3 March 2026 the first parcel was redirected, and on 6 March 2026 support opened a case.",
            "On 9 March 2026 the QRT closed the last of the eleven accounts. The sellers were told soon afterwards.",
        ),
    ),
    (
        "Impact",
        (
            "Fourteen parcels worth EUR 1,790 were not recovered. The share of repeat complaints is TBD.",
            "No payment data was read: the form shows an address and nothing else (access log AL-118).",
        ),
    ),
    (
        "Root cause",
        (
            "The form accepted a change of address until the carrier scanned the parcel. Nobody had asked "
            "what the printed label is worth when the address behind it can still change.",
        ),
    ),
    (
        "Resolving actions",
        (
            "Mara Lindqvist, Seller Care, repaid all twelve buyers by 20 March 2026 (batch RB-77).",
            "The sellers will be contacted about the open cases.",
        ),
    ),
    (
        "Preventative actions",
        (
            "Tomas Ilves, Checkout, blocks address changes after printing by 15 April 2026.",
            "An alert on three redirected parcels in a day will be added by the data team.",
        ),
    ),
)
_ACTIONS = (
    ("Action", "Owner", "Due"),
    ("Refuse a change of address once the label is printed", "Tomas Ilves, Checkout", "15 April 2026"),
    ("Alert on three redirected parcels in a day", "", "30 April 2026"),
    ("Review the address form of the return flow", "Mara Lindqvist, Seller Care", ""),
)


def write_example(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("Parcels redirected after the label was printed", level=0)
    for heading, paragraphs in _SECTIONS:
        document.add_heading(heading, level=1)
        written = [document.add_paragraph(text) for text in paragraphs]
        if heading == "Impact":
            document.add_comment(
                written[0].runs,
                text="Is this before or after the refunds?",
                author="Ines Moreau",
                initials="IM",
            )
        if heading == "Preventative actions":
            _table(document)
    document.save(str(path))
    return path


def _table(document: "docx.document.Document") -> None:
    table = document.add_table(len(_ACTIONS), len(_ACTIONS[0]), style="Table Grid")
    for row, texts in zip(table.rows, _ACTIONS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


if __name__ == "__main__":
    EXAMPLE.parent.mkdir(exist_ok=True)
    write_example(EXAMPLE)
