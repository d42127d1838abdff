"""The time that a candidate sees: stopped, given, hidden, spoken, and never anybody's own."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.database import Database
from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.exam import (
    CLOCKS,
    Room,
    Visit,
    choose,
    expect_safe,
    look_again,
    saved_options,
    start,
    wait_for_the_script,
)
from tests.conftest import MovableClock

LOG = """() => {
  window.spoken = [];
  new MutationObserver(() => spoken.push(document.querySelector("[data-timer-spoken]").textContent))
    .observe(document.querySelector("[data-timer-spoken]"), {childList: true, characterData: true, subtree: true});
}"""
STOPPED = "Your invigilator has stopped the clock"


SECONDS_TO_ASK = 30  # for a page that woke up, on a busy machine


def left(page: Page) -> int:
    """Return the seconds that the page shows."""
    words = page.locator("[data-remaining-ms]").text_content() or ""
    minutes, seconds = words.split(":")
    return int(minutes) * 60 + int(seconds)


def test_a_stopped_clock_covers_the_question_until_it_goes_on(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=PHONE) as page:
        address = start(page, facts, 0)
        room = Room(database, clock, address)
        stem = page.locator("h1:visible").inner_text()
        page.keyboard.press("ArrowRight")
        second = page.locator("h1:visible").inner_text()
        room.hold()
        choose(page, "b")  # before the page has heard of it
        expect(page.get_by_role("heading", level=1)).to_have_text(STOPPED)
        expect(page.get_by_text("1 answer not sent yet.")).to_be_visible()
        for words in (stem, second):
            expect(page.get_by_text(words)).to_be_hidden()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("c")
        for turn in (page.go_back, page.go_forward):
            turn()
            expect(page.get_by_role("heading", level=1)).to_have_text(STOPPED)
        assert accessibility_problems(page) == []
        shown = left(page)
        clock.at += timedelta(minutes=7)
        look_again(page)
        page.wait_for_timeout(1500)
        assert left(page) == shown
        room.resume()
        expect(page.locator("h1:visible")).to_have_text(second, timeout=10_000)
        expect_safe(page, "1 of 50 safe")
        assert abs(left(page) - shown) <= 5
        assert saved_options(page, address)[:2] == [None, "b"]
        assert "more" not in page.locator("[data-news]").inner_text()


def test_a_page_that_is_opened_while_the_clock_stands_still_goes_on_by_itself(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=PHONE) as page:
        room = Room(database, clock, start(page, facts, 1))
        page.keyboard.press("ArrowRight")
        stem = page.locator("h1:visible").inner_text()
        room.hold()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text(STOPPED)
        assert stem not in page.content()
        assert accessibility_problems(page) == []
        room.resume()
        expect(page.locator("h1:visible")).to_have_text(stem, timeout=10_000)


def test_somebody_with_an_agreed_break_takes_it_and_goes_on(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=PHONE) as page:
        room = Room(database, clock, start(page, facts, 2))
        expect(page.get_by_role("button", name="Take a break")).to_have_count(0)
        room.allow_rest(300)
        page.reload()
        wait_for_the_script(page)
        expect(
            page.get_by_text("You may stop the clock for 5:00 in all.")
        ).to_be_visible()
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        shown = left(page)
        page.get_by_role("button", name="Take a break").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You have a break")
        expect(page.get_by_text("You had 5:00 of break left")).to_be_visible()
        assert accessibility_problems(page) == []
        clock.at += timedelta(minutes=2)
        page.get_by_role("button", name="Go on with the test").click()
        expect(page.locator("#option-a")).to_be_visible()
        expect(page.locator("#option-a")).to_be_checked()
        assert abs(left(page) - shown) <= 5
        page.reload()
        wait_for_the_script(page)
        expect(
            page.get_by_text("You may stop the clock for 3:00 in all.")
        ).to_be_visible()


@pytest.mark.parametrize("by", ["the next save", "a look"])
def test_time_that_is_given_is_told(
    visit: Visit,
    facts: dict[str, Any],
    database: Database,
    clock: MovableClock,
    by: str,
) -> None:
    with visit(viewport=PHONE) as page:
        room = Room(database, clock, start(page, facts, 3))
        before = left(page)
        room.give(minutes=5)
        if by == "the next save":
            choose(page, "a")
        else:
            look_again(page)
        expect(page.get_by_text("You have 5 more minutes.")).to_be_visible()
        assert abs(left(page) - before - 300) <= 5
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="OK", exact=True).click()
        expect(page.get_by_text("You have 5 more minutes.")).to_be_hidden()


def test_nobody_has_to_do_anything_to_hear_of_a_change_within_15_seconds(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=PHONE) as page:
        room = Room(database, clock, start(page, facts, 4))
        room.give(minutes=2)
        # and the seconds that the page counted while the server's clock stood still
        expect(page.get_by_text("You have 2 more minutes")).to_be_visible(
            timeout=16_500
        )


def test_a_hidden_clock_stays_hidden_and_says_the_time_when_asked(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE) as page:
        start(page, facts, 5)
        assert page.get_by_role("heading", name="Time left", level=2).is_visible()
        page.get_by_text("hide", exact=True).click()
        face = page.locator("[data-remaining-ms]")
        expect(face).to_be_hidden()
        page.keyboard.press("ArrowRight")
        expect(face).to_be_hidden()
        page.reload()
        wait_for_the_script(page)
        expect(face).to_be_hidden()
        page.evaluate(LOG)
        page.wait_for_timeout(1200)
        assert page.evaluate("spoken") == []
        page.get_by_role("button", name="How long is left?").click()
        status = page.locator("[data-timer-spoken]")
        expect(status).to_have_text(
            re.compile(r"^29 minutes and \d+ seconds? left$|^30 m")
        )
        assert status.get_attribute("role") == "status"
        assert accessibility_problems(page) == []
        page.get_by_text("show", exact=True).click()
        expect(face).to_be_visible()


def test_the_clock_speaks_at_half_time_and_at_10_5_and_1_minutes_only(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        page.add_init_script(CLOCKS)
        start(page, facts, 6)
        page.evaluate(LOG)
        page.context.set_offline(True)  # the server's clock stands still
        for minutes in (14.9, 0.2, 4.7, 0.4, 4.6, 0.3, 3.6, 0.4):
            page.evaluate(f"window.skip += {minutes} * 60000")
            page.wait_for_timeout(600)
        assert page.evaluate("spoken") == [
            "Half of your time is over. 15 minutes left",
            "10 minutes left",
            "5 minutes left",
            "1 minute left",
        ]
        expect(page.locator(".timer")).to_have_class(re.compile("is-low"))


def test_after_sleep_the_time_is_the_servers(
    visit: Visit, facts: dict[str, Any], clock: MovableClock
) -> None:
    """The stopwatch of some machines stands still while they sleep; the wall clock does not."""
    with visit(viewport=DESK) as page:
        page.add_init_script(CLOCKS)
        start(page, facts, 7)
        shown = left(page)
        clock.at += timedelta(minutes=6)
        page.evaluate("window.wall += 6 * 60000")
        began = stopwatch()
        while left(page) > shown - 355 and stopwatch() - began < SECONDS_TO_ASK:
            page.wait_for_timeout(200)
        # What the machine itself took meanwhile, however busy, is on the page as well.
        assert 0 <= shown - 360 - left(page) <= 3 + stopwatch() - began


def test_a_wrong_clock_of_the_computer_makes_no_difference(
    visit: Visit, facts: dict[str, Any]
) -> None:
    """Ten minutes behind, then ten minutes ahead."""
    with visit(viewport=DESK) as page:
        page.add_init_script(f"{CLOCKS}; window.wall = -600000;")
        address = start(page, facts, 8)
        assert 1780 <= left(page) <= 1800
        choose(page, "b")
        expect_safe(page, "1 of 50 safe")
        page.evaluate("window.wall = 600000")
        page.keyboard.press("ArrowRight")
        choose(page, "c")
        expect_safe(page, "2 of 50 safe")
        assert 1780 <= left(page) <= 1800
        assert saved_options(page, address)[:2] == ["b", "c"]


def test_the_end_comes_by_itself_and_asks_the_server_first(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    """Time that was given in the last second counts, though the page has not heard of it."""
    with visit(viewport=DESK) as page:
        page.add_init_script(CLOCKS)
        address = start(page, facts, 9)
        room = Room(database, clock, address)
        choose(page, "c")
        expect_safe(page, "1 of 50 safe")
        clock.at += timedelta(minutes=29, seconds=59)
        room.give(minutes=5)
        clock.at += timedelta(seconds=2)
        with page.expect_response("**/review"):  # the page asks before it ends
            page.evaluate("window.skip += 30 * 60000")
        expect(page.get_by_text("You have 5 more minutes.")).to_be_visible()
        expect(page.locator("#answer fieldset").first).to_be_enabled()
        page.keyboard.press("ArrowRight")
        choose(page, "d")
        expect_safe(page, "2 of 50 safe")
        assert 280 <= left(page) <= 300
        clock.at += timedelta(minutes=5)
        page.evaluate("window.skip += 5 * 60000")
        page.wait_for_url("**/result")
        expect(page.get_by_role("heading", level=1)).to_have_text("Not this time")
        page.go_back()
        expect(page.locator("[name=option]")).to_have_count(0)
