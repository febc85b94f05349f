"""Whether a review is still there: what is written beside a deletion must not stay behind it.

write, then look at session.json:   there: a deletion that follows purges what was written
                                    gone: the writer purges it, and its caller is told
"""

from core.aws.object_store import ObjectStore
from core.errors import Permanent


def session_prefix(session_id: str) -> str:
    """Of every key of the review. The id has been checked for its shape."""
    return f"sessions/{session_id}/"


def session_key(session_id: str) -> str:
    """Of the object without which the review does not exist."""
    return f"{session_prefix(session_id)}session.json"


def undo_if_deleted(store: ObjectStore, session_id: str, *, written: str) -> None:
    """Called after a write. Raises Permanent session/not-found, with what begins with `written` removed again."""
    if store.get(session_key(session_id)) is None:
        store.purge(written)
        raise Permanent("session/not-found")
