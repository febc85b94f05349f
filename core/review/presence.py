"""Undoing what was written to a review while somebody else deleted it or signed it off.

write, then look at session.json:   there: a deletion that follows purges what was written
                                    gone: the writer purges it, and its caller is told
                                    signed off: the writer puts back what was before
"""

from core.aws.object_store import ObjectStore, get_json
from core.errors import Permanent


def session_prefix(session_id: str) -> str:
    """What every key of the review begins with. The caller has checked the shape of the id."""
    return f"sessions/{session_id}/"


def session_key(session_id: str) -> str:
    """The object without which the review does not exist."""
    return f"{session_prefix(session_id)}session.json"


def undo_if_deleted(store: ObjectStore, session_id: str, *, written: str) -> bool:
    """To be called after a write. Returns whether the review is signed off by now.

    Where it was deleted, removes every key that begins with `written` and raises Permanent session/not-found.
    """
    found = get_json(store, session_key(session_id))
    if found is None:
        store.purge(written)
        raise Permanent("session/not-found")
    return found.get("signed_off") is not None
