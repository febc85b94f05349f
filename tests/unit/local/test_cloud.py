from pathlib import Path

import pytest

from infra.local.cloud import port_of
from infra.local.errors import CannotStart


def test_data_is_found_again_on_its_port(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("4601")
    assert port_of(tmp_path) == 4601


@pytest.mark.parametrize("text", [None, "", "http"])
def test_data_without_its_port_is_said_with_what_to_do(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "port").write_text(text)
    with pytest.raises(CannotStart, match="is not whole: move it away"):
        port_of(tmp_path)
