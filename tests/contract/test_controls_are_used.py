"""Every button, field and choice of the pages is named by a browser test, so none is there that nobody ever pressed.

It is named by what tells it apart: its words, id, name, part, class. Where all of that comes from data or from a
caller, it is the caller's. What its press changes is what the test that names it looks at.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def is_looked_at(node: ast.AST) -> bool:
    """`assert ...` and `expect(...).to_be...()`: what is said there is seen, not pressed."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Name) and node.id == "expect":
            return True
    return isinstance(node, ast.Assert)


def pressed(node: ast.AST) -> Iterator[str]:
    """The strings of a test without what it only looks at, and without docstrings."""
    for child in ast.iter_child_nodes(node):
        is_told = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_told or is_looked_at(child):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from pressed(child)


def said(path: Path) -> str:
    return " ".join(pressed(ast.parse(path.read_text())))


USED = " ".join(said(path) for path in sorted((ROOT / "tests/browser").glob("*.py"))).casefold()
_TAG = re.compile(
    r"<(button|select|input|textarea|summary)\b((?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|[^>\"])*)>"
    r"([^\n]*?)(?:</(?:button|summary)>|$)",
    re.MULTILINE,
)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_TELLING = ("id", "name", "value", "aria-label", "placeholder", "class", "data-part", "data-deed")
_HOOKS = ("data-part", "data-filter", "data-tab", "data-deed", "data-edits", "data-unshare", "data-closes")
_IN_SCRIPT = re.compile(r'linkButton\(([^,]+),|\bbutton\("([^"]+)"|el\("(?:button|summary)",(.*)')
_LITERAL = re.compile(r'"([^"]+)"|`([^`]+)`')
_LOOKS = re.compile(
    r"button|input|chip|submit|quiet|primary|link-button|summary|number|visually-hidden|Ctrl ↵|(data|aria)-.*"
)
_SHORTEST = 3


def plain(markup: str) -> list[str]:
    """The runs of words between markup and expressions."""
    found = re.split(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>|\$\{[^}]*\}", markup)
    return [" ".join(words.split()).strip(" .:,…") for words in found]


def telling(names: list[str]) -> list[str]:
    return [name for name in names if len(name) >= _SHORTEST and not _LOOKS.fullmatch(name)]


def of_template(text: str) -> Iterator[tuple[str, list[str]]]:
    for match in _TAG.finditer(text):
        tag, attributes, inner = match.groups()
        found = dict(_ATTRIBUTE.findall(attributes))
        if found.get("type") == "hidden" or "disabled" in attributes or "readonly" in attributes:
            continue
        names = [word for name in _TELLING for word in plain(found.get(name, ""))]
        names += [f"[{name}={found[name]}" for name in _HOOKS if name in found]
        label = re.search(rf'<label[^>]*for="{re.escape(found.get("id", "-"))}"[^>]*>(.*?)</label>', text)
        names += plain(inner) if tag in ("button", "summary") else []
        names = telling([*names, *(plain(label[1]) if label else [])])
        if names:
            yield match[0], names


def of_script(text: str) -> Iterator[tuple[str, list[str]]]:
    for match in _IN_SCRIPT.finditer(text):
        literals = [one or other for one, other in _LITERAL.findall(match[0])]
        names = telling([word for literal in literals for word in plain(literal)])
        if names:
            yield match[0], names


TEMPLATES = [(path, of_template) for path in sorted((ROOT / "templates").rglob("*.html"))]
SCRIPTS = [(path, of_script) for path in sorted((ROOT / "static/js").glob("*.mjs"))]


@pytest.mark.parametrize(
    ("path", "controls"), [*TEMPLATES, *SCRIPTS], ids=lambda part: getattr(part, "name", "")
)
def test_every_control_is_named_by_a_browser_test(path, controls):
    unnamed = [
        control
        for control, names in controls(path.read_text())
        if not any(name.casefold() in USED for name in names)
    ]
    assert unnamed == []


DIALOGS = {
    name: text
    for path, _ in TEMPLATES
    for name, text in re.findall(r'<dialog[^>]* id="([^"]+)"(.*?)</dialog>', path.read_text(), re.DOTALL)
}


@pytest.mark.parametrize("name", DIALOGS)
def test_every_way_out_of_a_dialog_is_taken_by_a_browser_test(name):
    """Their words are the same everywhere, so it is the dialog that must be named with them."""
    assert "data-closes" in DIALOGS[name]
    assert f"#{name} [data-closes]" in USED


def test_the_search_sees_a_control_that_no_test_knows():
    template = '<button class="button" type="button" data-part="blow-up">Blow it up</button>'
    script = 'linkButton("Blow it up", act); el("button", { class: "explosion" }, "Boom box");'

    assert [names for _, names in of_template(template)] == [["blow-up", "[data-part=blow-up", "Blow it up"]]
    assert [names for _, names in of_script(script)] == [
        ["Blow it up"],
        ["class: ", "explosion", "Boom box"][1:],
    ]
    assert not any(name.casefold() in USED for name in ("blow it up", "explosion"))
