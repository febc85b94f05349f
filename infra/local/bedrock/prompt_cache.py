"""The prompt cache, imitated: what a request writes at its cache points, later requests with the same start read.

Rules as AWS and Anthropic give them (prompt caching, read 2026-11-21): order tools, system, messages; a prefix
under the model's minimum is ignored without a word; at most 4 points; a read gives the entry its time to live anew;
a hit is looked for at each point and up to 20 blocks before it; another thinking budget or tool choice loses what
is cached of the messages, another answer schema loses everything. An entry is there once an answer has begun, so
calls that start together all write.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.local.bedrock.catalogue import LocalModel
from infra.local.bedrock.errors import NO_PROMPT_CACHE, ServiceError, invalid
from infra.local.bedrock.tokens import text_chars, tokens

TIMES_TO_LIVE_S = {"5m": 300.0, "1h": 3600.0}
_MOST_POINTS = 4
_LOOKED_BACK = 20
_KEPT_ENTRIES = 20_000


@dataclass(frozen=True)
class Boundary:
    """Where a cached prefix may end. key: hash of all before. ttl: of the cache point here, "" where is none."""

    key: str
    tokens: int
    ttl: str = ""


@dataclass(frozen=True)
class CacheUse:
    """Tokens of one request that come from the cache and that go into it, the latter by time to live too."""

    read_tokens: int = 0
    written: tuple[tuple[str, int], ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    """(key, ttl) to keep when the answer begins."""

    @property
    def write_tokens(self) -> int:
        return sum(count for _, count in self.written)


def boundaries(model: LocalModel, request: Mapping[str, Any]) -> tuple[Boundary, ...]:
    """After each block of the request. Raises ServiceError where the service refuses cache points."""
    found: list[Boundary] = []
    digest, chars = hashlib.sha256(model.id.encode()), 0
    for block, depends_on in _blocks(request):
        if "cachePoint" in block:
            found[-1] = replace(found[-1], ttl=_ttl(model, block["cachePoint"]))
            continue
        digest.update(json.dumps([depends_on, block], sort_keys=True).encode())
        chars += text_chars(block)
        found.append(Boundary(digest.hexdigest(), tokens(chars)))
    if sum(bool(boundary.ttl) for boundary in found) > _MOST_POINTS:
        raise invalid(f"A maximum of {_MOST_POINTS} blocks with cachePoint may be provided.")
    return tuple(found)


def _blocks(request: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """(block, what else makes it another one) in the order of the cache."""
    tool_config = request.get("toolConfig") or {}
    yield (request.get("outputConfig") or {}).get("textFormat") or {}, None
    for block in [*(tool_config.get("tools") or []), *(request.get("system") or [])]:
        yield block, None
    thinking = (request.get("additionalModelRequestFields") or {}).get("thinking")
    for message in request["messages"]:
        for block in message["content"]:
            yield block, [message["role"], thinking, tool_config.get("toolChoice")]


def _ttl(model: LocalModel, point: Mapping[str, Any]) -> str:
    if not model.least_cached_tokens:
        raise ServiceError("AccessDeniedException", NO_PROMPT_CACHE)
    ttl = point.get("ttl", "5m")
    if point.get("type") != "default" or ttl not in TIMES_TO_LIVE_S:
        raise invalid("cachePoint: needs the type default and, if any, the ttl 5m or 1h")
    if ttl == "1h" and not model.hour_cache:
        raise invalid(f"cachePoint: {model.id} does not support the ttl 1h.")
    return str(ttl)


class PromptCache:
    """Shared by all request threads. now: seconds that never go back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def look(self, model: LocalModel, found: Sequence[Boundary], *, now: float) -> CacheUse:
        points = [
            index
            for index, boundary in enumerate(found)
            if boundary.ttl and boundary.tokens >= model.least_cached_tokens
        ]
        if not points:
            return CacheUse()
        with self._lock:
            hit = next((index for index in _candidates(points) if self._fresh(found[index].key, now)), None)
        read = found[hit].tokens if hit is not None else 0
        new = [found[index] for index in points if hit is None or index > hit]
        written, before = [], read
        for boundary in new:
            written.append((boundary.ttl, boundary.tokens - before))
            before = boundary.tokens
        return CacheUse(read, tuple(written), tuple((boundary.key, boundary.ttl) for boundary in new))

    def keep(self, use: CacheUse, *, now: float) -> None:
        with self._lock:
            for key, ttl in use.entries:
                life_s = TIMES_TO_LIVE_S[ttl]
                self._ends[key] = (now + life_s, life_s)
                self._ends.move_to_end(key)
            while len(self._ends) > _KEPT_ENTRIES:
                self._ends.popitem(last=False)

    def _fresh(self, key: str, now: float) -> bool:
        ends_at, life_s = self._ends.get(key, (0.0, 0.0))
        if ends_at <= now:
            return False
        self._ends[key] = (now + life_s, life_s)
        return True


def _candidates(points: Sequence[int]) -> list[int]:
    """Boundaries at which a hit is looked for, the longest prefix first."""
    near = {index for point in points for index in range(max(0, point - _LOOKED_BACK), point + 1)}
    return sorted(near, reverse=True)
