"""Watches the local system's processes until a signal, then ends them layer by layer."""

import signal
import time
import urllib.error
import urllib.request
from math import inf
from pathlib import Path
from types import FrameType

from infra.local import preflight
from infra.local.service import Layer, Service, say

_TEND_S = 0.2
_NOT_READY_AFTER_S = 60.0
_DISK_EVERY_S = 10.0
_LATE = (
    f"The web tier does not answer after {_NOT_READY_AFTER_S:g} s: lines above say why, and without any "
    "the machine is busy and it goes on by itself."
)
_READY = """AI-Prism is ready: {url}
{answering}
Reviews are kept in {data} for the next time. Ctrl-C stops everything."""


class Supervisor:
    def __init__(self, url: str, *, data: Path, answering: str) -> None:
        """answering: a sentence about who answers in the place of Bedrock."""
        self.url = url
        self._data, self._disk_at, self._disk_was_low = data, 0.0, False
        self._ready = _READY.format(url=url, data=data, answering=answering)
        self.services: list[Service] = []
        self._signals = 0

    def watch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, service: Service) -> None:
        self.services.append(service)
        service.start()

    def run(self) -> None:
        """Until the first signal."""
        is_ready, late_at = False, time.monotonic() + _NOT_READY_AFTER_S
        while not self._signals:
            for service in self.services:
                service.tend()
            self._watch_disk()
            if not is_ready:
                is_ready = self._say_ready()
            if not is_ready and time.monotonic() >= late_at:
                late_at = inf
                say(_LATE)
            time.sleep(_TEND_S)

    def stop(self) -> None:
        """What works for people first, the emulator last: the others still write while they end."""
        say("Stopping; Ctrl-C again to stop at once.")
        for layer in sorted(Layer, reverse=True):
            self._stop_layer([service for service in self.services if service.layer is layer])
        say("Stopped.")

    def _stop_layer(self, services: list[Service]) -> None:
        for service in services:
            service.ask_to_stop()
        for service in services:
            # The emulator saves its state while it ends: nobody's hurry cuts that short.
            while service.is_ending() and (self._signals < 2 or service.layer is Layer.CLOUD):
                time.sleep(_TEND_S / 2)
            service.end()

    def _say_ready(self) -> bool:
        if not _healthy(self.url):
            return False
        for line in self._ready.splitlines():
            say(line)
        return True

    def _watch_disk(self) -> None:
        """Says it once each time that it fills up."""
        if time.monotonic() >= self._disk_at:
            self._disk_at = time.monotonic() + _DISK_EVERY_S
            sentence = preflight.low_disk(self._data)
            if sentence and not self._disk_was_low:
                say(sentence)
            self._disk_was_low = bool(sentence)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
