from infra.local.reaper import watched_until_closed


def test_what_was_forgotten_is_left_alone() -> None:
    assert watched_until_closed(["watch 11 0\n", "watch 12 0\n", "forget 11 0\n"]) == ([12], [])


def test_the_emulator_goes_after_all_others() -> None:
    assert watched_until_closed(["watch 10 1\n", "watch 11 0\n"]) == ([11], [10])


def test_a_parent_that_stopped_its_children_itself_leaves_nothing() -> None:
    assert watched_until_closed(["watch 10 1\n", "forget 10 0\n"]) == ([], [])
