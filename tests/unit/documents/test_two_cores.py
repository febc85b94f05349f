"""Work shared with a copy of the process is done once each, whoever takes it."""

import os
import pickle
import signal
import time

from core.documents.two_cores import in_two


def test_every_number_is_worked_once_by_one_of_the_two():
    done = in_two(20, lambda number: (number * number, time.sleep(0.002), os.getpid()))
    assert {number: square for number, (square, _, _) in done.items()} == {n: n * n for n in range(20)}
    assert os.getpid() in {pid for _, _, pid in done.values()}


def test_what_the_copy_had_taken_when_it_fell_is_missing():
    own = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.002)
        return number

    done = in_two(50, work)
    assert len(done) in (49, 50)
    assert all(number == found for number, found in done.items())


def test_a_copy_that_falls_while_it_tells_takes_nothing_of_ours_with_it(monkeypatch):
    own, whole = os.getpid(), pickle.dumps
    monkeypatch.setattr(pickle, "dumps", lambda told: whole(told)[:-3])

    done = in_two(20, lambda number: (os.getpid(), time.sleep(0.002)))

    assert done
    assert {pid for pid, _ in done.values()} == {own}
