"""Objects in S3 with conditional writes: the base of every record that more than one process may write."""

import hashlib
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

from core.aws.errors import error_code, storage_errors
from core.clock import Clock, SystemClock
from core.errors import Permanent, Transient

_LOST = {"PreconditionFailed", "412"}
_UNDECIDED = {"ConditionalRequestConflict", "409"}
_MISSING = {"NoSuchKey", "404", "NotFound"}
_MOST_ROUNDS = 30
_MOST_REMOVED = 1_000
"""In one request (DeleteObjects API reference)."""
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading a record raises that is cut off, of another release, or not ours at all."""

Made = TypeVar("Made")


class Damaged(Permanent):
    """storage/damaged: a class of its own, because lists pass over one record that raises it."""

    def __init__(self, key: str) -> None:
        super().__init__("storage/damaged", f"{key} is not what is kept there.")


@dataclass(frozen=True)
class StoredObject:
    """An object's content and the ETag of that version."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class ObjectInfo:
    """A listed object."""

    key: str
    size_bytes: int
    modified_at: float
    etag: str = ""


class DateListener(Protocol):
    """Is told the server's time with each answer."""

    def __call__(self, date_s: float, *, took_s: float) -> None:
        """To be called when an answer has come.

        date_s: the server's time, whole epoch seconds. took_s: since the request.
        """
        ...


class ObjectStore(Protocol):
    """Objects with conditional writes. Keys are relative to the base path.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def get(self, key: str) -> StoredObject | None: ...

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str: ...

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        """Writes only if there is no object. Returns its ETag, or None if there is another object already."""
        ...

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        """Writes only over the version `etag`.

        Returns the new ETag, or None if it was changed or deleted meanwhile.
        """
        ...

    def swap(self, key: str, body: bytes, *, etag: str) -> StoredObject | None:
        """Writes only over the version `etag` ("": only if there is none). Returns what is there afterwards.

        The write has won if that has this body, so bodies must be unlike any other: see `with_nonce`.
        """
        ...

    def renew(self, key: str) -> None:
        """Rewrites the same content, so that its age starts anew.

        Does nothing if it is gone or just being written.
        """
        ...

    def delete(self, key: str) -> None: ...

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        """Removes every key that begins with `prefix`, all stored versions included. sparing: a key that stays."""
        ...

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        """Lists keys in order; one request per thousand.

        most: only the first so many, at most a thousand, in one request.
        """
        ...

    def on_date(self, listener: DateListener) -> None:
        """Tells `listener` the server's time with each answer from now on."""
        ...

    @property
    def location(self) -> str:
        """Identifies the base path: the same for all processes that share these keys, and for no others."""
        ...


class S3ObjectStore:
    """The objects below a base path of an S3 bucket."""

    def __init__(self, client: Any, bucket: str, base_path: str, *, clock: Clock | None = None) -> None:
        self._client = client
        self._bucket = bucket
        self._base = base_path
        self._clock = clock or SystemClock()
        self._listeners: list[DateListener] = []

    @property
    def location(self) -> str:
        return f"{self._client.meta.endpoint_url}/{self._bucket}/{self._base}"

    def on_date(self, listener: DateListener) -> None:
        self._listeners.append(listener)

    def get(self, key: str) -> StoredObject | None:
        with storage_errors():
            try:
                answer = self._dated(self._client.get_object, Key=self._base + key)
                return StoredObject(answer["Body"].read(), answer["ETag"])
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        with storage_errors():
            return str(self._write(key, body, content_type=content_type, condition={})["ETag"])

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        return self._conditional(key, body, content_type=content_type, condition={"IfNoneMatch": "*"})

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        return self._conditional(key, body, content_type="application/json", condition={"IfMatch": etag})

    def swap(self, key: str, body: bytes, *, etag: str) -> StoredObject | None:
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        return self._swap(key, body, content_type="application/json", condition=condition)

    def renew(self, key: str) -> None:
        with storage_errors():
            try:
                answer = self._dated(self._client.get_object, Key=self._base + key)
                body, condition = answer["Body"].read(), {"IfMatch": answer["ETag"]}
                self._write(key, body, content_type=answer["ContentType"], condition=condition)
            except ClientError as error:
                if error_code(error) not in _MISSING | _LOST | _UNDECIDED:
                    raise

    def delete(self, key: str) -> None:
        with storage_errors():
            self._client.delete_object(Bucket=self._bucket, Key=self._base + key)

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=self._base + prefix
        )
        with storage_errors():
            # All first: a listing that goes on behind a version which is gone by then may miss some.
            entries = [
                {"Key": entry["Key"], "VersionId": entry["VersionId"]}
                for page in pages
                for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                if entry["Key"] != self._base + sparing
            ]
            for start in range(0, len(entries), _MOST_REMOVED):
                self._remove_versions(entries[start : start + _MOST_REMOVED])

    def _remove_versions(self, entries: list[dict[str, str]]) -> None:
        answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": entries, "Quiet": True})
        # It answers 200 also where it has removed some only.
        for refusal in answer.get("Errors", ()):
            raise ClientError({"Error": {"Code": refusal.get("Code", "")}}, "DeleteObjects")

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        limits = {"PaginationConfig": {"MaxItems": most, "PageSize": most}} if most else {}
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._base + prefix, **limits
        )
        with storage_errors():
            for page in pages:
                for item in page.get("Contents", []):
                    key = item["Key"].removeprefix(self._base)
                    yield ObjectInfo(key, item["Size"], item["LastModified"].timestamp(), item["ETag"])

    def _write(self, key: str, body: bytes, *, content_type: str, condition: dict[str, str]) -> Any:
        return self._dated(
            self._client.put_object, Key=self._base + key, Body=body, ContentType=content_type, **condition
        )

    def _dated(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        """The operation's answer. Passes its date on, that of a refusal too."""
        asked_at = time.monotonic()
        try:
            answer = operation(Bucket=self._bucket, **arguments)
        except ClientError as error:
            self._tell_date(error.response, asked_at)
            raise
        self._tell_date(answer, asked_at)
        return answer

    def _tell_date(self, answer: dict[str, Any], asked_at: float) -> None:
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date and self._listeners:
            date_s, took_s = parsedate_to_datetime(date).timestamp(), time.monotonic() - asked_at
            for listener in self._listeners:
                listener(date_s, took_s=took_s)

    def _conditional(
        self, key: str, body: bytes, *, content_type: str, condition: dict[str, str]
    ) -> str | None:
        present = self._swap(key, body, content_type=content_type, condition=condition)
        return present.etag if present is not None and present.body == body else None

    def _swap(
        self, key: str, body: bytes, *, content_type: str, condition: dict[str, str]
    ) -> StoredObject | None:
        """412 = lost; 409 = nothing decided, ask again.

        A write whose reply was lost is retried inside botocore and then meets its own object as a 412. Bodies
        are unlike any other (`with_nonce`), so finding exactly our bytes there means that we had won.
        """
        for round_number in range(_MOST_ROUNDS):
            with storage_errors():
                try:
                    answer = self._write(key, body, content_type=content_type, condition=condition)
                    return StoredObject(body, str(answer["ETag"]))
                except ClientError as error:
                    if error_code(error) in _MISSING | _LOST:
                        return self.get(key)
                    if error_code(error) not in _UNDECIDED:
                        raise
            self._clock.sleep(_jitter_s(round_number))
        raise Transient("storage/unavailable", "S3 did not decide between two writers.")


class MemoryObjectStore:
    """An object store in memory with the same guarantees, for unit tests."""

    location = "memory"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def on_date(self, listener: DateListener) -> None:
        """There is no server here whose time could differ."""

    def get(self, key: str) -> StoredObject | None:
        body = self.objects.get(key)
        return None if body is None else StoredObject(body, _etag(body))

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        self.objects[key] = body
        return _etag(body)

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        if key in self.objects and self.objects[key] != body:
            return None
        return self.put(key, body)

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        present = self.get(key)
        return self.put(key, body) if present is not None and present.etag == etag else None

    def swap(self, key: str, body: bytes, *, etag: str) -> StoredObject | None:
        won = self.replace(key, body, etag=etag) if etag else self.create(key, body)
        return self.get(key) if won is None else StoredObject(body, won)

    def renew(self, key: str) -> None:
        found = self.get(key)
        if found is not None:
            self.put(key, found.body)

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        for info in [*self.list(prefix)]:
            if info.key != sparing:
                self.delete(info.key)

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        # A copy made at once: other threads write meanwhile.
        objects = dict(self.objects)
        for key in sorted(key for key in objects if key.startswith(prefix))[:most]:
            yield ObjectInfo(key, len(objects[key]), 0.0, _etag(objects[key]))


def to_json(document: Any) -> bytes:
    """A document as it is stored: compact UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def new_nonce() -> str:
    """Sixteen hex digits that no other write has."""
    return secrets.token_hex(8)


def with_nonce(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `document` made unlike any other, as whatever `create`, `replace` or `update_json` write has to be.

    A conditional write that finds its own body in storage counts as won, because its first reply may have been
    lost. Without a nonce two writers of equal documents would both believe that they had won.
    """
    return {**document, "nonce": new_nonce()}


def without_nonce(document: Mapping[str, Any]) -> dict[str, Any]:
    """What was given to `with_nonce`."""
    return {name: value for name, value in document.items() if name != "nonce"}


def get_json(store: ObjectStore, key: str) -> Any | None:
    """Returns the document under `key`, or None if there is none. Raises Permanent storage/damaged."""
    return get_as(store, key, _as_it_is)


def get_as(store: ObjectStore, key: str, make: Callable[[Any], Made]) -> Made | None:
    """Returns `make(document under key)`, or None if there is no such object. Raises as `made_of` does."""
    found = store.get(key)
    return None if found is None else made_of(found.body, key, make)


def made_of(body: bytes, key: str, make: Callable[[Any], Made]) -> Made:
    """Returns `make` of the JSON in `body`. Raises Damaged where either is impossible.

    That is an AppError, so that whoever reads many records passes over the damaged one and goes on.
    """
    try:
        return make(json.loads(body))
    except _UNREADABLE as error:
        raise Damaged(key) from error


def _as_it_is(document: Any) -> Any:
    return document


def put_json(store: ObjectStore, key: str, document: Any) -> None:
    """Writes `document`, whatever is there."""
    store.put(key, to_json(document))


def update_json(
    store: ObjectStore, key: str, change: Callable[[Any | None], Any | None], *, clock: Clock | None = None
) -> Any | None:
    """Changes a document by compare-and-swap and returns it as it stands afterwards.

    change: gets the present document (None: absent) and returns the new one, or None to leave it as it is. It may
    run several times and must be pure. Raises Transient storage/unavailable if 30 rounds were all lost.
    """
    wait = clock or SystemClock()
    for round_number in range(_MOST_ROUNDS):
        found = store.get(key)
        present = None if found is None else made_of(found.body, key, _as_it_is)
        changed = change(present)
        if changed is None:
            return present
        body = to_json(changed)
        won = store.create(key, body) if found is None else store.replace(key, body, etag=found.etag)
        if won is not None:
            return changed
        wait.sleep(_jitter_s(round_number))
    raise Transient("storage/unavailable", "Too many writers changed the same record at once.")


def _jitter_s(round_number: int) -> float:
    return random.uniform(0, min(0.5, 0.01 * 2**round_number))  # noqa: S311 - spreads writers, guards nothing


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
