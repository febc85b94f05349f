"""One user's uploads are bounded, whichever process takes them, and another's are not touched."""

from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.config import DocumentSettings
from core.documents.upload_quota import UploadQuota
from core.errors import Throttled

LIMITS = DocumentSettings(uploads_per_minute=2, uploads_per_day=4, upload_bytes_per_day=1_000)
NONE = replace(LIMITS, uploads_per_minute=0, uploads_per_day=0, upload_bytes_per_day=0)


def refused(quota: UploadQuota, size_bytes: int = 10) -> Throttled:
    with pytest.raises(Throttled) as refusal:
        quota.take("ann", size_bytes)
    assert refusal.value.code == "limits/uploads"
    return refusal.value


def test_a_minute_holds_so_many_and_says_when_the_next_fits():
    store, clock = MemoryObjectStore(), ScriptedClock()
    here, there = UploadQuota(store, clock, LIMITS), UploadQuota(store, clock, LIMITS)
    here.take("ann", 10)
    clock.sleep(20)
    there.take("ann", 10)
    clock.sleep(10)

    assert refused(here).retry_after_s == 30
    there.take("bob", 10)
    clock.sleep(30)
    here.take("ann", 10)


def test_a_day_holds_so_many_files_and_bytes_and_the_next_begins_anew():
    clock = ScriptedClock()
    quota = UploadQuota(MemoryObjectStore(), clock, LIMITS)
    for _ in range(3):
        quota.take("ann", 300)
        clock.sleep(60)
    left_s = 86_400 - clock.now() % 86_400

    refusal = refused(quota, 101)
    assert (refusal.detail, refusal.retry_after_s) == ("You can upload at most 0 MB a day.", left_s)
    quota.take("ann", 100)
    assert "4 documents a day" in refused(quota, 0).detail
    clock.sleep(left_s)
    quota.take("ann", 1_000)


def test_without_limits_nothing_is_counted():
    store = MemoryObjectStore()
    UploadQuota(store, ScriptedClock(), NONE).take("ann", 10)
    assert list(store.list("")) == []
