"""A store that lets a process do only what its role in infra/data.yaml allows: more fails like a broken test."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import cfnlint.decode

from core.aws.object_store import DateListener, ObjectInfo, ObjectStore, StoredObject
from infra.local.stack import DATA_TEMPLATE

_OBJECTS = "${Bucket.Arn}/${BasePath}"


@cache
def allowances(role: str) -> tuple[tuple[str, str], ...]:
    """(action, pattern of keys below the base path) of a role's statements about objects."""
    resources: dict[str, Any] = cfnlint.decode.decode_str(DATA_TEMPLATE.read_text())[0]["Resources"]
    (policy,) = resources[role]["Properties"]["Policies"]
    return tuple(
        (str(action), place["Fn::Sub"].removeprefix(_OBJECTS))
        for statement in policy["PolicyDocument"]["Statement"]
        for place in _listed(statement["Resource"])
        if place.get("Fn::Sub", "").startswith(_OBJECTS)
        for action in _listed(statement["Action"])
    )


def may(role: str, action: str, key: str) -> bool:
    """action: without its service, as GetObject."""
    return any(
        allowed == f"s3:{action}" and fnmatchcase(key, pattern) for allowed, pattern in allowances(role)
    )


class StoreOfRole:
    """`store` as a process with these roles can use it."""

    def __init__(self, store: ObjectStore, *roles: str) -> None:
        self._store = store
        self._roles = roles

    @property
    def location(self) -> str:
        return self._store.location

    def on_date(self, listener: DateListener) -> None:
        self._store.on_date(listener)

    def get(self, key: str) -> StoredObject | None:
        return self._checked("GetObject", key).get(key)

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        assert not key.startswith("celery-results/"), "the bucket takes a result with a condition only"
        return self._checked("PutObject", key).put(key, body, content_type=content_type)

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        return self._checked("PutObject", key).create(key, body, content_type=content_type)

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        return self._checked("PutObject", key).replace(key, body, etag=etag)

    def swap(self, key: str, body: bytes, *, etag: str) -> StoredObject | None:
        return self._checked("PutObject", key).swap(key, body, etag=etag)

    def renew(self, key: str) -> None:
        self._checked("GetObject", key)
        self._checked("PutObject", key).renew(key)

    def delete(self, key: str) -> None:
        self._checked("DeleteObject", key).delete(key)

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        self._checked("DeleteObjectVersion", prefix).purge(prefix, sparing=sparing)

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        return self._store.list(prefix, most=most)

    def _checked(self, action: str, key: str) -> ObjectStore:
        allowed = any(may(role, action, key) for role in self._roles)
        assert allowed, f"{self._roles} of infra/data.yaml may not {action} {key}"
        return self._store


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
