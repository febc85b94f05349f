"""Pictures of a PDF's pages, drawn when somebody first looks: sessions/<id>/pages/, deleted with the review."""

from collections.abc import Mapping

from core.aws.object_store import ObjectStore
from core.queueing.parallel import in_parallel
from core.review.presence import session_prefix, undo_if_deleted


class PageFiles:
    """Ids are of reviews that were read before, names are ours: neither comes from a client as it is."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, session_id: str, name: str) -> bytes | None:
        found = self._store.get(_key(session_id, name))
        return None if found is None else found.body

    def put(self, session_id: str, files: Mapping[str, bytes]) -> None:
        """Stores files of a review.

        Raises Permanent session/not-found, and leaves nothing, when the review was deleted meanwhile.
        """
        kinds = {"png": "image/png", "json": "application/json"}
        in_parallel(
            lambda name: self._store.put(
                _key(session_id, name), files[name], content_type=kinds[name.rpartition(".")[2]]
            ),
            files,
        )
        undo_if_deleted(self._store, session_id, written=_key(session_id, ""))


def _key(session_id: str, name: str) -> str:
    return f"{session_prefix(session_id)}pages/{name}"
