"""Whether the first row of a table names its columns: most authors format it and never mark it as its head."""

from collections.abc import Sequence

_MOST_CHARS = 40
_MANY_COLUMNS = 3


def reads_as_head(texts: Sequence[str], *, all_bold: bool) -> bool:
    """Whether a row reads as the head of its table: short words over three columns or more, or all bold.

    texts: of the row's cells; the first may be empty.
    """
    if len(texts) < 2:
        return False
    are_words = all(map(_names_a_column, texts[1:])) and (not texts[0] or _names_a_column(texts[0]))
    return are_words and (len(texts) >= _MANY_COLUMNS or all_bold)


def _names_a_column(text: str) -> bool:
    """ "Result in March 2025" does, "3 March 2025" and "E-05" do not."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return text[:1].isalpha() and len(text) <= _MOST_CHARS and letters > digits
