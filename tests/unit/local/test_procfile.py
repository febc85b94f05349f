from pathlib import Path

import pytest

from infra.local.procfile import read_procfile


def test_processes_come_in_the_files_order_with_quotes_undone(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text('# a comment\nweb: gunicorn "app:create_app()"\n\nworker: celery -A x worker\n')
    assert read_procfile(path) == {
        "web": ["gunicorn", "app:create_app()"],
        "worker": ["celery", "-A", "x", "worker"],
    }
    assert list(read_procfile(path)) == ["web", "worker"]


def test_a_line_that_names_no_process_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text("gunicorn app\n")
    with pytest.raises(ValueError, match="gunicorn app"):
        read_procfile(path)
