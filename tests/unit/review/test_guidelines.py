import pytest

from core.auth.identity import user_hash
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Permanent
from core.review.guideline_repository import GuidelineRepository
from core.review.guidelines import Guidelines, Preference, chosen
from core.review.repository import ReviewRepository
from tests.support.guidelines import a_source
from tests.support.reviews import BLOCKS, a_session

NEW, OLD = a_source("new.md", "Name an owner."), a_source("old.docx", "Give figures.")
KEPT = Guidelines((OLD,))


@pytest.mark.parametrize(
    ("preference", "new", "kept", "names"),
    [
        (None, NEW, KEPT, ("new.md",)),
        (None, None, KEPT, None),
        (Preference.NEW_ONLY, NEW, KEPT, ("new.md",)),
        (Preference.OLD_ONLY, NEW, KEPT, ("old.docx",)),
        (Preference.BOTH, NEW, KEPT, ("old.docx", "new.md")),
        (Preference.BOTH, None, KEPT, ("old.docx",)),
        (Preference.BOTH, NEW, None, ("new.md",)),
        (Preference.BOTH, None, None, None),
        (Preference.NONE, NEW, KEPT, None),
    ],
)
def test_the_preference_says_which_guidelines_a_review_uses(preference, new, kept, names):
    found = chosen(preference, new=new, kept=kept)
    assert (found.names if found else None) == names


@pytest.mark.parametrize(
    ("preference", "code"),
    [(Preference.NEW_ONLY, "guidelines/missing"), (Preference.OLD_ONLY, "guidelines/none-kept")],
)
def test_what_was_asked_for_and_is_not_there_is_said(preference, code):
    with pytest.raises(Permanent) as error:
        chosen(preference, new=None, kept=None)
    assert error.value.code == code


def test_the_same_file_is_used_once_under_its_latest_name():
    again = a_source("renamed.docx", "Give figures.")
    assert chosen(Preference.BOTH, new=again, kept=KEPT).names == ("renamed.docx",)


def test_the_hash_is_of_the_text_and_not_of_the_names():
    same = Guidelines((a_source("other.txt", "Give figures."),))
    assert same.sha256 == KEPT.sha256
    assert Guidelines((OLD, NEW)).sha256 != KEPT.sha256


def test_the_newest_are_the_ones_from_last_time():
    store, clock = MemoryObjectStore(), ScriptedClock()
    guidelines = GuidelineRepository(store, clock)
    assert guidelines.kept("ann") is None
    guidelines.keep("ann", KEPT)
    clock.at += 60
    guidelines.keep("ann", Guidelines((NEW,)))
    assert guidelines.kept("ann") == Guidelines((NEW,))
    assert guidelines.kept("bob") is None
    assert len([key for key in store.objects if key.startswith(f"users/{user_hash('ann')}/guidelines/")]) == 1


def test_of_two_that_were_left_behind_the_newer_counts_and_removing_takes_both():
    store, clock = MemoryObjectStore(), ScriptedClock()
    guidelines = GuidelineRepository(store, clock)
    guidelines.keep("ann", KEPT)
    [(key, body)] = store.objects.items()
    clock.at += 60
    guidelines.keep("ann", Guidelines((NEW,)))
    store.objects[key] = body
    assert guidelines.kept("ann") == Guidelines((NEW,))
    guidelines.forget("ann")
    assert store.objects == {}


def test_kept_guidelines_are_no_reviews():
    store, clock = MemoryObjectStore(), ScriptedClock()
    GuidelineRepository(store, clock).keep("ann", KEPT)
    assert ReviewRepository(store, clock).list_for("ann") == []


def test_a_review_has_its_own_copy_that_goes_with_it():
    store, clock = MemoryObjectStore(), ScriptedClock()
    reviews, session = ReviewRepository(store, clock), a_session()
    reviews.create(session, document=b"PK", blocks=BLOCKS, rules=[], guidelines=KEPT)
    assert reviews.guidelines(session.id) == KEPT
    reviews.delete(session.id)
    assert store.objects == {}
