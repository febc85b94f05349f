"""What the Dockerfile copies is enough: web and worker start from those files alone, and write nothing there."""

from compileall import compile_dir
from pathlib import Path

from infra.local.ports import LOOPBACK, free_port
from infra.local.procfile import read_procfile
from tests.support.cloud import Cloud
from tests.support.image import unpack
from tests.support.processes import SECRET, Processes, answers

NO_HOME = "/dev/null/aiprism"
"""Nobody can make it, not even root: the image has no home either, and a root file system that is only read."""


def test_web_and_worker_start_from_the_files_of_the_image(
    cloud: Cloud, processes: Processes, tmp_path: Path
) -> None:
    image = tmp_path / "image"
    image.mkdir()
    unpack(image)
    compile_dir(image, quiet=1)
    before = {*image.rglob("*")}
    environ = {**cloud.environ, "HOME": NO_HOME, "SECRET_KEY": SECRET, "MESSAGE_KEYS": SECRET}
    port = free_port()
    web = processes.start(
        "web",
        read_procfile()["web"],
        environ={**environ, "HOST": LOOPBACK, "PORT": str(port), "WEB_PROCESSES": "1"},
        cwd=image,
    )
    worker = processes.start(
        "worker",
        read_procfile()["worker"],
        environ={**environ, "WORKER_CONCURRENCY": "1", "LOG_LEVEL": "INFO"},
        cwd=image,
    )
    address = f"http://{LOOPBACK}:{port}"
    processes.wait(web, lambda: answers(f"{address}/ready"), timeout_s=30.0)
    processes.wait(web, lambda: answers(address), timeout_s=30.0)
    assert answers(f"{address}/static/css/tokens.css")
    processes.wait(worker, lambda: " ready." in worker.output(), timeout_s=30.0)
    assert {*image.rglob("*")} == before
    assert "[ERROR]" not in web.output()
