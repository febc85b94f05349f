"""A write-up of 12 sections as teams have them, about 11 pages: prose everywhere, a table in every third section."""

from pathlib import Path

import docx

_NAMES = (
    "Executive summary",
    "Background",
    "Timeline",
    "Scope of the investigation",
    "Impact on customers",
    "Findings by account",
    "Root cause",
    "Enforcement decisions",
    "Resolving actions",
    "Preventative actions",
    "Monitoring",
    "Open questions",
)
_PROSE = (
    "Between 3 and 9 March 2026 a group of {n} accounts at Brightmoor Market redirected {m} parcels by changing the "
    "delivery address after the label had been printed. The first complaint reached the service desk on 4 March 2026 "
    "at 09:12, and the parcel team opened a case on the same morning under the procedure for diverted deliveries.",
    "The investigators read the address log of the period, the carrier's scans and {n} statements of sellers. They "
    "compared every changed address with the list of known drop points and marked {m} of them. Two analysts saw "
    "each marked parcel independently of each other; where they differed, the lead of the shift decided.",
    "Each account was placed in one of three classes. The criteria were the age of the account, the number of "
    "changed addresses and whether the seller had answered the first letter. {n} accounts met all and were closed, "
    "{m} were asked for documents, and the others were told how to secure their log-in.",
    "The address form accepted a change until the parcel left the depot. The rule that should have ended this when "
    "the label is printed was written in 2023 for one carrier and never extended to the other two, because the list "
    "of carriers is kept by another team that was not told about it. Several sellers had reported this before.",
    "Customers received {m} refunds within five working days. The value of the parcels was EUR 6,120, of which the "
    "carrier's insurance paid EUR 2,400. It is likely that more parcels were affected in the week before; the log of "
    "that week was deleted on schedule, and the details are TBD.",
)
_TABLE = (
    ("Action", "Owner", "Due", "Status and evidence"),
    (
        "Block address changes once the label is printed",
        "Mara Lindqvist",
        "15 April 2026",
        "In test since 2 April",
    ),
    (
        "Extend the rule to all carriers",
        "Parcel platform team",
        "30 April 2026",
        "Change request 4471 approved",
    ),
    ("Alert on more than two changes per account and day", "Tomasz Bielak", "8 May 2026", "Threshold agreed"),
    ("Tell the affected sellers how to secure their log-in", "", "soon", "Letter drafted, not sent"),
    ("Keep the address log for 90 days", "Data protection", "1 June 2026", "Waits for legal advice"),
    ("Review all refunds over EUR 200", "Ines Okafor", "", "31 of 44 done"),
    ("Train the service desk on diverted deliveries", "Service desk lead", "20 May 2026", "Material ready"),
)


def write_up(path: Path) -> Path:
    document = docx.Document()
    for number, name in enumerate(_NAMES):
        document.add_heading(name, level=1)
        for turn in range(4):
            prose = _PROSE[(number + turn) % len(_PROSE)]
            document.add_paragraph(prose.format(n=5 + 3 * number + turn, m=11 + 7 * number + turn))
        if number % 3 == 2:
            _add_table(document, number)
    document.save(str(path))
    return path


def _add_table(document: docx.document.Document, number: int) -> None:
    rows = [_TABLE[0], *((f"{number}.{at}: {row[0]}", *row[1:]) for at, row in enumerate(_TABLE[1:], 1))]
    grid = document.add_table(rows=len(rows), cols=len(_TABLE[0]))
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
