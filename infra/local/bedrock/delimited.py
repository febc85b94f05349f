"""Parts of a prompt that stand between two lines with the same random mark.

<<<document 51ab>>>
[b12] text of a block
[b13 heading] Action plan
<<<end 51ab>>>
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BLOCK = re.compile(r"^\[(b\d+)(?: ([^\]]*))?\] (.*)$")


@dataclass(frozen=True)
class Line:
    """One block of the document. mark: "heading", "note", "cell 2,3" or ""."""

    block_id: str
    mark: str
    text: str


def delimited(texts: Sequence[str], *, name: str) -> list[str]:
    """What stands between the lines, in each content block that begins and ends with them."""
    whole = re.compile(rf"\A\s*<<<{name} (\w+)>>>\n(.*)\n?<<<end \1>>>\s*\Z", re.DOTALL)
    return [match[2].strip("\n") for text in texts if (match := whole.match(text))]


def block_lines(text: str) -> list[Line]:
    """Lines that are no block of a document are left out."""
    matches = (_BLOCK.match(line) for line in text.split("\n"))
    return [Line(match[1], match[2] or "", match[3]) for match in matches if match]
