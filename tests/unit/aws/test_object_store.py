"""Conditional writes: exactly one of several writers wins, even if the reply is lost."""

import json
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, NoCredentialsError
from moto import mock_aws

from core.aws.listings import read_quickly
from core.aws.object_store import (
    MemoryObjectStore,
    S3ObjectStore,
    StoredObject,
    get_as,
    get_json,
    put_json,
    update_json,
)
from core.clock import ScriptedClock, epoch
from core.errors import Permanent, Transient
from tests.support.versions import versioned_bucket


@pytest.fixture(params=["memory", "s3"])
def store(request):
    if request.param == "memory":
        yield MemoryObjectStore()
        return
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket="bucket")
        read_quickly(client)
        yield S3ObjectStore(client, "bucket", "tara/")


@pytest.fixture
def versioned():
    """A bucket that keeps versions, and the keys of all versions and markers below a prefix."""
    with versioned_bucket() as found:
        yield found


def test_an_absent_object_is_none(store):
    assert store.get("a") is None
    assert get_json(store, "a") is None


def test_what_was_put_comes_back_with_its_etag(store):
    etag = store.put("a", b"one")

    assert store.get("a") == StoredObject(b"one", etag)


def test_only_the_first_of_two_creators_wins(store):
    assert store.create("a", b"one") is not None
    assert store.create("a", b"two") is None
    assert store.get("a").body == b"one"


def test_a_create_that_meets_its_own_object_had_won(store):
    store.create("a", b"one")

    assert store.create("a", b"one") is not None


def test_replace_needs_the_present_version(store):
    first = store.put("a", b"one")
    second = store.replace("a", b"two", etag=first)

    assert second is not None
    assert store.replace("a", b"three", etag=first) is None
    assert store.get("a").body == b"two"


def test_replace_of_a_missing_object_is_lost(store):
    assert store.replace("a", b"one", etag='"x"') is None


def test_a_listing_is_read_as_botocore_reads_it():
    with mock_aws():
        clients = [
            boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            for _ in range(2)
        ]
        read_quickly(clients[0])
        clients[0].create_bucket(Bucket="bucket")
        for number, name in enumerate(("plain", "with space & <tag>", "ü%2F+", "new\nline")):
            clients[0].put_object(Bucket="bucket", Key=f"tara/{name}", Body=b"x" * number)

        quick, slow = (list(S3ObjectStore(client, "bucket", "tara/").list("")) for client in clients)

    assert len(quick) == 4
    assert quick == slow


def test_a_listing_goes_on_over_its_pages(store):
    for number in range(7):
        store.put(f"x/{number}", b"")
    if isinstance(store, S3ObjectStore):
        store._client.meta.events.register("before-parameter-build.s3.ListObjectsV2", two_keys_a_page)

    assert [info.key for info in store.list("x/")] == [f"x/{number}" for number in range(7)]
    assert [info.key for info in store.list("none/")] == []


def two_keys_a_page(params, **_others):
    params["MaxKeys"] = 2


def test_list_gives_keys_in_order_below_the_prefix(store):
    for key in ("x/2", "x/1", "y/1"):
        store.put(key, b"1")

    assert [info.key for info in store.list("x/")] == ["x/1", "x/2"]


def test_purge_leaves_nothing_below_the_prefix_but_what_is_spared(store):
    for key in ("x/1", "x/2", "x/3", "y/1"):
        store.put(key, b"1")

    store.purge("x/", sparing="x/2")

    assert [info.key for info in store.list("")] == ["x/2", "y/1"]
    store.purge("x/")
    store.purge("x/")
    assert [info.key for info in store.list("")] == ["y/1"]


def test_purge_removes_earlier_versions_and_delete_markers_on_all_pages(versioned):
    store, versions = versioned
    for number in range(1_001):
        store.put("x/often", str(number).encode())
    store.put("x/deleted", b"text")
    store.delete("x/deleted")
    store.put("x/spared", b"1")
    store.put("x/spared", b"2")

    store.purge("x/", sparing="x/spared")

    assert versions("x/") == ["x/spared", "x/spared"]
    assert store.get("x/spared").body == b"2"


def test_a_version_that_may_not_be_removed_is_no_success():
    client = _ScriptedS3()
    page = {"Versions": [{"Key": "x/1", "VersionId": "v"}]}
    client.get_paginator = lambda _name: SimpleNamespace(paginate=lambda **_: [page])
    client.delete_objects = lambda **_: {"Errors": [{"Key": "x/1", "Code": "AccessDenied"}]}

    with pytest.raises(Permanent, match="storage/denied"):
        S3ObjectStore(client, "bucket", "").purge("x/")


def test_update_applies_to_what_is_there_and_none_leaves_it(store):
    put_json(store, "a", {"n": 1})

    assert update_json(store, "a", lambda present: {"n": present["n"] + 1}) == {"n": 2}
    assert update_json(store, "a", lambda present: None) == {"n": 2}
    assert update_json(store, "b", lambda present: {"new": present is None}) == {"new": True}


class _RacingStore(MemoryObjectStore):
    """Somebody else writes between the read and the write, `races` times."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    def replace(self, key, body, *, etag):
        if self.races:
            self.races -= 1
            self.put(key, json.dumps({"n": json.loads(self.objects[key])["n"] + 10}).encode())
        return super().replace(key, body, etag=etag)


def test_a_lost_race_is_repeated_on_the_new_state():
    store = _RacingStore(races=3)
    put_json(store, "a", {"n": 0})

    assert update_json(store, "a", lambda present: {"n": present["n"] + 1}, clock=ScriptedClock()) == {
        "n": 31
    }


def test_a_race_that_never_ends_is_an_error_not_a_hang():
    store = _RacingStore(races=1000)
    put_json(store, "a", {"n": 0})

    with pytest.raises(Transient, match="storage/unavailable"):
        update_json(store, "a", lambda present: {"n": 0}, clock=ScriptedClock())


class _ScriptedS3:
    """A boto3 client twin: `puts` are raised or returned in turn; `present` is what a GET finds."""

    def __init__(self, *puts, present=None):
        self.puts, self.present = list(puts), present

    def put_object(self, **_):
        answer = self.puts.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_object(self, **_):
        if self.present is None:
            raise _refusal("NoSuchKey", 404)
        return {"Body": _Body(self.present), "ETag": '"there"'}


class _Body:
    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data


def _refusal(code, status):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


def _s3(*puts, present=None):
    return S3ObjectStore(_ScriptedS3(*puts, present=present), "bucket", "", clock=ScriptedClock())


def test_409_decides_nothing_and_is_asked_again():
    store = _s3(_refusal("ConditionalRequestConflict", 409), {"ETag": '"mine"'})

    assert store.create("a", b"one") == '"mine"'


def test_412_on_ones_own_bytes_is_recognised_as_won_after_a_lost_reply():
    assert _s3(_refusal("PreconditionFailed", 412), present=b"one").create("a", b"one") == '"there"'
    assert _s3(_refusal("PreconditionFailed", 412), present=b"two").create("a", b"one") is None


def test_no_answer_is_transient_and_denied_is_permanent():
    with pytest.raises(Transient, match="storage/unavailable"):
        _s3(ConnectionClosedError(endpoint_url="http://x")).put("a", b"1")
    with pytest.raises(Permanent, match="storage/denied"):
        _s3(_refusal("AccessDenied", 403)).put("a", b"1")


def test_a_process_without_credentials_is_told_so_and_not_to_wait():
    with pytest.raises(Permanent, match="aws/not-configured"):
        _s3(NoCredentialsError()).put("a", b"1")


def test_what_is_renewed_is_as_it_was(store):
    etag = store.put("a", b"one", content_type="image/png")
    store.renew("a")
    assert store.get("a") == StoredObject(b"one", etag)


def test_what_is_gone_is_not_brought_back(store):
    store.renew("a")
    assert store.get("a") is None


def test_a_renewed_object_is_a_new_version_whose_age_begins_anew(versioned):
    store, versions = versioned
    store.put("a", b"one")
    store.renew("a")
    assert versions("a") == ["a", "a"]


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_document_is_an_error_that_names_its_key(body):
    store = MemoryObjectStore()
    store.put("a/b.json", body)

    for read in (
        lambda: get_json(store, "a/b.json"),
        lambda: get_as(store, "a/b.json", dict),
        lambda: update_json(store, "a/b.json", lambda present: present),
    ):
        with pytest.raises(Permanent, match=r"storage/damaged: a/b\.json"):
            read()


@pytest.mark.parametrize("body", [b"[1]", b"null", b"7", b"{}", b'{"at": 5}', b'{"at": "soon"}'])
def test_a_document_of_which_nothing_can_be_made_is_damaged(body):
    store = MemoryObjectStore()
    store.put("a.json", body)

    with pytest.raises(Permanent, match="storage/damaged"):
        get_as(store, "a.json", lambda data: epoch(data["at"]))
