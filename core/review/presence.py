"""Whether a review is still there, and open: what is written beside a deletion or a sign-off must not stay.

write, then look at session.json:   there: a deletion that follows purges what was written
                                    gone: the writer purges it, and its caller is told
                                    signed off: the writer puts back what was before
"""

from core.aws.object_store import ObjectStore, get_json
from core.errors import Permanent


def session_prefix(session_id: str) -> str:
    """Of every key of the review. The id has been checked for its shape."""
    return f"sessions/{session_id}/"


def session_key(session_id: str) -> str:
    """Of the object without which the review does not exist."""
    return f"{session_prefix(session_id)}session.json"


def undo_if_deleted(store: ObjectStore, session_id: str, *, written: str) -> bool:
    """Called after a write: whether the review is signed off by now.

    Raises Permanent session/not-found, with what begins with `written` removed again.
    """
    found = get_json(store, session_key(session_id))
    if found is None:
        store.purge(written)
        raise Permanent("session/not-found")
    return found.get("signed_off") is not None
