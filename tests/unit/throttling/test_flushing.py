"""Pending updates that no decision has written are written once the process is idle."""

import os

from core.throttling.flushing import IdleFlusher
from tests.support.waiting import wait_until


class Told:
    def __init__(self, answers=()):
        self.times = 0
        self.answers = list(answers)

    def __call__(self):
        self.times += 1
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_pending_updates_are_flushed_once_however_often_flushing_is_requested():
    told, flusher = Told(), IdleFlusher(idle_s=0.05)
    for _ in range(5):
        flusher.soon(told)
    wait_until(lambda: told.times == 1, timeout_s=5)
    flusher.soon(told)
    wait_until(lambda: told.times == 2, timeout_s=5)


def test_what_could_not_be_told_is_tried_again_whatever_was_in_the_way():
    told = Told([False, RuntimeError("unexpected"), True])
    IdleFlusher(idle_s=0.02, retry_s=0.02).soon(told)
    wait_until(lambda: told.times == 3, timeout_s=5)


def test_after_a_fork_the_child_has_a_thread_of_its_own():
    told, flusher = Told(), IdleFlusher(idle_s=0.02)
    flusher.soon(told)
    wait_until(lambda: told.times == 1, timeout_s=5)
    child = os.fork()
    if child == 0:
        mine = Told()
        flusher.soon(mine)
        try:
            wait_until(lambda: mine.times == 1, timeout_s=5)
        finally:
            os._exit(0 if mine.times == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
