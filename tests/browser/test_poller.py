"""The poller under scripted time: when it asks, how it backs off, and that it ends."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.served import ServedTier

# Time stands still until `turn` is called, which runs the next timer and says how long it had been set for.
SCRIPTED = """async ({answers, hidden, random}) => {
  const {createPoller} = await import("/static/js/poller.mjs");
  const script = {now: 0, timers: [], waits: [], troubles: [], rounds: 0};
  window.script = script;
  script.poller = createPoller({
    ask: async () => {
      const answer = answers[Math.min(script.rounds++, answers.length - 1)];
      if (typeof answer === "boolean") return answer;
      throw Object.assign(new Error("no answer"), answer);
    },
    onTrouble: (failures) => script.troubles.push(failures),
    surroundings: {
      now: () => script.now,
      later: (act, ms) => script.timers.push({act, ms}),
      forget: () => { script.timers.length = 0; },
      hidden: () => hidden,
      random: () => random,
    },
  });
  script.poller.poke();
}"""
TURN = """async () => {
  const timer = script.timers.shift();
  if (!timer) return null;
  script.now += timer.ms;
  timer.act();
  await new Promise((done) => setTimeout(done));
  return timer.ms;
}"""


class Script:
    def __init__(self, page: Page, answers: list[Any], *, hidden: bool = False, random: float = 0.5) -> None:
        self._page = page
        page.evaluate(SCRIPTED, {"answers": answers, "hidden": hidden, "random": random})

    def waits(self, turns: int) -> list[float]:
        """How long each of the next rounds was waited for, in ms; shorter when it ended."""
        made = [self._page.evaluate(TURN) for _ in range(turns)]
        return [wait for wait in made if wait is not None]

    def troubles(self) -> list[int]:
        found: list[int] = self._page.evaluate("script.troubles")
        return found


@pytest.fixture
def blank(page: Page, served: ServedTier) -> Page:
    page.goto(served.url)
    return page


def test_it_asks_every_second_at_first_and_every_two_after_ten(blank: Page) -> None:
    waits = Script(blank, [True]).waits(14)
    assert waits == [1000] * 10 + [2000] * 4


def test_a_hidden_page_asks_every_five_seconds(blank: Page) -> None:
    assert Script(blank, [True], hidden=True).waits(4) == [1000, 5000, 5000, 5000]


def test_it_ends_when_there_is_nothing_left_to_wait_for(blank: Page) -> None:
    assert Script(blank, [True, False]).waits(5) == [1000, 1000]


def test_failures_back_off_to_half_a_minute_and_success_resets(blank: Page) -> None:
    script = Script(blank, [{}, {}, {}, {}, {}, {}, True, True])
    assert script.waits(8) == [1000, 2000, 4000, 8000, 16000, 30000, 30000, 2000]
    assert script.troubles() == [1, 2, 3, 4, 5, 6, 0]


def test_back_off_is_spread_so_that_pages_do_not_come_back_together(blank: Page) -> None:
    early = Script(blank, [{}], random=0.0).waits(2)[1]
    late = Script(blank, [{}], random=1.0).waits(2)[1]
    assert (early, late) == (1500, 2500)


def test_a_servers_retry_after_is_waited_for(blank: Page) -> None:
    assert Script(blank, [{"retryAfterS": 12}]).waits(2) == [1000, 12000]


def test_news_starts_it_again_after_the_end(blank: Page) -> None:
    script = Script(blank, [False, False])
    assert script.waits(3) == [1000]
    blank.evaluate("script.poller.poke()")
    assert script.waits(3) == [1000]
