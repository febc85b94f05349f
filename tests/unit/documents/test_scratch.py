"""No upload stays on the disk of the web tier."""

import os
import subprocess
import sys
import tempfile

import pytest

from core.documents.scratch import scratch_folder

HOLD_AND_DIE = (
    "import os, signal;from core.documents.scratch import scratch_folder\n"
    "with scratch_folder() as folder: (folder / 'document').write_text('words'); os.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_goes_also_when_the_request_fails(temporary):
    def fail():
        with scratch_folder() as folder:
            (folder / "document").write_text("words")
            raise ValueError("as asked")

    with pytest.raises(ValueError, match="as asked"):
        fail()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_request_and_nothing_else(temporary):
    environment = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE], env=environment, check=False)
    (temporary / "ai-prism-upload-notes").mkdir()
    assert len(list(temporary.iterdir())) == 2

    with scratch_folder() as folder, scratch_folder():
        assert folder.exists()
    assert [path.name for path in temporary.iterdir()] == ["ai-prism-upload-notes"]
