"""What the pages' files promise: they stay small, and every icon and module that is named is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "static/js").iterdir())
STYLES = sorted((ROOT / "static/css").iterdir())
MOST_MODULE_LINES = 200
MOST_STYLE_LINES = 250

named = pytest.mark.parametrize("path", [*TEMPLATES, *MODULES, *STYLES], ids=lambda path: path.name)


@named
def test_files_stay_small(path: Path) -> None:
    most = MOST_MODULE_LINES if path in MODULES else MOST_STYLE_LINES
    assert len(path.read_text().splitlines()) <= most


def test_every_icon_that_is_drawn_exists() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))
    text = "".join(path.read_text() for path in [*TEMPLATES, *MODULES])
    drawn = set(re.findall(r"""\bicon\(["']([\w-]+)["']\)""", text))
    families = {
        "type": ("critical", "important", "suggestion", "positive"),
        "risk": ("high", "medium", "low"),
        "state": ("not_started", "queued", "running", "retrying", "completed", "failed", "cancelled"),
    }
    drawn |= {f"{family}-{name}" for family, names in families.items() for name in names}
    assert drawn <= known


def test_every_module_is_mounted_or_imported() -> None:
    pages = "".join(path.read_text() for path in TEMPLATES)
    scripts = "".join(path.read_text() for path in MODULES)
    mounted = {name for names in re.findall(r'data-module="([^"]+)"', pages) for name in names.split()}
    imported = set(re.findall(r'(?:from |import\()"\./([\w-]+)\.mjs"', scripts))
    present = {path.stem for path in MODULES if path.suffix == ".mjs"} - {"main"}
    assert mounted | imported == present


@pytest.mark.parametrize("sheet", STYLES, ids=lambda sheet: sheet.name)
def test_styles_that_webkit_would_drop_whole_are_written_in_parts(sheet: Path) -> None:
    """It knows `text-decoration: underline`, but no thickness or style there, and only -webkit-user-select."""
    text = sheet.read_text(encoding="utf-8")
    assert re.findall(r"text-decoration:\s*[\w-]+ [^;}]+", text) == []
    assert len(re.findall(r"(?<!-)user-select:", text)) == text.count("-webkit-user-select:")


def test_a_selection_on_a_page_paints_its_words_only() -> None:
    """WebKit paints what is between the lines as well, as ::selection of the box around them says."""
    assert ".page-text::selection, .page-text ::selection { background: none; }" in (
        ROOT / "static/css/page-view.css"
    ).read_text(encoding="utf-8")
