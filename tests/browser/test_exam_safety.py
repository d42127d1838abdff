"""No answer is lost: closed tabs, crashes, two places, somebody else at the same computer."""

import os
import re
import shutil
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from ecs_training.foundation.database import Database
from tests.assessment.exam import read_response
from tests.browser.conftest import ARGUMENTS, DESK, NAMES, PHONE
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
from tests.browser.test_pages import sign_in
from tests.conftest import MovableClock

KEPT = """async () => {
  const names = (await indexedDB.databases()).map((found) => found.name);
  if (!names.includes("exam")) return 0;
  const opened = await new Promise((done) => {
    const request = indexedDB.open("exam");
    request.onsuccess = () => done(request.result);
  });
  const store = opened.transaction("exam").objectStore("exam");
  return new Promise((done) => {
    const request = store.getAll();
    request.onsuccess = () => { opened.close(); done(request.result.flatMap((kept) => kept.queue).length); };
  });
}"""


def answer_three(page: Page) -> None:
    for letter in "bca":
        choose(page, letter)
        page.keyboard.press("ArrowRight")


def wait_until_kept(page: Page, count: int) -> None:
    page.wait_for_function(f"async () => (await ({KEPT})()) === {count}")


def test_a_closed_tab_loses_no_answer(visit: Visit, facts: dict[str, Any]) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 0)
        page.context.set_offline(True)
        answer_three(page)
        expect_safe(page, "3 answers not safe yet")
        wait_until_kept(page, 3)
        page.close(run_before_unload=False)
        again = page.context.new_page()
        page.context.set_offline(False)
        again.goto(f"{address}/questions/2")
        expect_safe(again, "3 of 50 safe")
        expect(again.locator("#option-c")).to_be_checked()
        assert saved_options(again, address)[:4] == ["b", "c", "a", None]
        wait_until_kept(again, 0)


def processes_of(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(folder) in (entry / "cmdline").read_text():
                found.append(int(entry.name))
    return found


def test_a_browser_that_is_killed_loses_no_answer(
    browser: Browser,
    site: str,
    facts: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Its sign-in dies with it, so the answers wait under a lease that is no more."""
    profile = tmp_path / "profile"
    path = next(filter(None, map(shutil.which, NAMES)))

    def launch() -> BrowserContext:
        for left_behind in profile.glob("Singleton*"):
            left_behind.unlink()
        return browser.browser_type.launch_persistent_context(
            profile, executable_path=path, args=ARGUMENTS, base_url=site
        )

    context = launch()
    page = context.pages[0]
    address = start(page, facts, 1)
    choose(page, "d")
    expect_safe(page, "1 of 50 safe")
    context.set_offline(True)
    page.keyboard.press("ArrowRight")
    answer_three(page)
    page.wait_for_timeout(100)
    for process in processes_of(profile):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    with suppress(Exception):
        context.close()

    context = launch()
    page = context.pages[0]
    context.clear_cookies()
    sign_in(page, facts["candidates"][1])
    page.goto(f"{address}/questions/3")
    page.get_by_role("button", name="Continue here").click()
    expect_safe(page, "4 of 50 safe")
    assert saved_options(page, address)[:5] == ["d", "b", "c", "a", None]
    context.close()


def test_signing_out_wipes_what_waits(visit: Visit, facts: dict[str, Any]) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 2)
        page.context.set_offline(True)
        answer_three(page)
        wait_until_kept(page, 3)
        page.close(run_before_unload=False)
        other = page.context.new_page()
        page.context.set_offline(False)
        other.goto("/account")
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url("**/")
        other.wait_for_function(f"async () => (await ({KEPT})()) === 0")


def test_somebody_else_at_the_computer_sees_no_question(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 3)
        stem = page.locator("h1").inner_text()
        page.context.clear_cookies()
        other = page.context.new_page()
        sign_in(other, facts["candidates"][4])
        look_again(page)
        expect(page.get_by_text(stem)).to_be_hidden()
        other.goto(f"{address}/questions/1")
        expect(other.get_by_text(stem)).to_be_hidden()


def test_signing_in_again_leads_back_to_the_question_with_every_answer(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 5)
        answer_three(page)
        expect_safe(page, "3 of 50 safe")
        page.context.clear_cookies()
        choose(page, "d")
        expect(page.get_by_text("You were signed out")).to_be_visible()
        expect_safe(page, "1 answer not safe yet")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Sign in again").click()
        sign_in(opened.value, facts["candidates"][5])
        page.get_by_role("button", name="I have signed in").click()
        expect_safe(page, "4 of 50 safe")
        expect(page.locator("[data-where]")).to_have_text("Question 4 of 50")
        expect(page.locator("#option-d")).to_be_checked()
        assert saved_options(page, address)[:4] == ["b", "c", "a", "d"]


def test_what_was_answered_elsewhere_stays_and_the_rest_goes_out(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as first, visit(viewport=PHONE) as second:
        address = start(first, facts, 6)
        choose(first, "a")
        expect_safe(first, "1 of 50 safe")
        first.context.set_offline(True)
        choose(first, "b")
        first.keyboard.press("ArrowRight")
        choose(first, "b")
        sign_in(second, facts["candidates"][6])
        second.goto(f"{address}/questions/1")
        second.get_by_role("button", name="Continue here").click()
        wait_for_the_script(second)
        choose(second, "c")
        expect_safe(second, "1 of 50 safe")
        first.context.set_offline(False)
        expect(first.get_by_text("This test is open somewhere else")).to_be_visible()
        first.get_by_role("button", name="Continue here").click()
        expect_safe(first, "2 of 50 safe")
        expect(
            first.get_by_text("You answered in two places: question 1.")
        ).to_be_visible()
        first.get_by_role("button", name="OK", exact=True).click()
        first.keyboard.press("ArrowLeft")
        expect(first.locator("#option-c")).to_be_checked()
        assert saved_options(first, address)[:3] == ["c", "b", None]


def test_a_duplicated_tab_may_not_write_until_it_takes_over(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 7)
        copy = page.context.new_page()
        copy.goto(f"{address}/questions/1")
        expect(copy.get_by_text("This test is open somewhere else")).to_be_visible()
        expect(copy.locator("#option-a")).to_be_disabled()
        page.context.set_offline(True)
        choose(page, "b")
        expect_safe(page, "1 answer not safe yet")
        page.context.set_offline(False)
        expect_safe(page, "1 of 50 safe")
        copy.get_by_role("button", name="Continue here").click()
        expect(page.get_by_text("This test is open somewhere else")).to_be_visible()
        expect(copy.locator("#option-b")).to_be_checked()
        choose(copy, "c")
        expect_safe(copy, "1 of 50 safe")
        page.get_by_role("button", name="Continue here").click()
        expect(page.locator("#option-c")).to_be_checked()


def test_answers_that_come_too_late_are_kept_for_the_invigilator(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 8)
        room = Room(database, clock, address)
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        page.keyboard.press("ArrowRight")
        page.context.set_offline(True)
        answer_three(page)
        clock.at += timedelta(minutes=31)
        page.context.set_offline(False)
        page.wait_for_url("**/result")
        assert room.late_answers() == [(2, "b"), (3, "c"), (4, "a")]


def test_answers_of_a_tab_that_stays_closed_until_after_the_end_are_kept(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 13)
        room = Room(database, clock, address)
        page.context.set_offline(True)
        choose(page, "c")
        expect_safe(page, "1 answer not safe yet")
        other = page.context.new_page()
        page.close()
        clock.at += timedelta(minutes=31)
        other.context.set_offline(False)
        with other.expect_response("**/responses/1"):
            other.goto(f"{address}/result")
        assert room.late_answers() == [(1, "c")]


def test_answers_of_the_last_seconds_count_though_the_network_comes_back_after_the_end(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    """And though the first that the page hears is that nothing is left."""
    with visit(viewport=DESK) as page:
        page.add_init_script(CLOCKS)
        address = start(page, facts, 9)
        clock.at += timedelta(minutes=29, seconds=57)
        look_again(page)
        expect(page.locator("[data-remaining-ms]")).to_have_text(re.compile("0:0[0-3]"))
        page.context.set_offline(True)
        choose(page, "b")
        page.keyboard.press("ArrowRight")
        choose(page, "b")
        page.evaluate("window.skip += 6000")
        clock.at += timedelta(seconds=8)
        expect(page.locator("[data-safe]")).to_have_text("Finishing…")
        page.context.set_offline(False)
        page.wait_for_url("**/result")
    for n in (1, 2):
        response = read_response(database, address.rsplit("/", 1)[1], n)
        assert response.chosen, n
        assert response.late, n


def test_the_page_never_turns_by_itself(visit: Visit, facts: dict[str, Any]) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 10)
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        expect(page.locator("[data-where]")).to_have_text("Question 1 of 50")


def test_every_address_of_the_test_opens_the_whole_paper(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        address = start(page, facts, 11)
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        for path, words in (
            ("/review", "49 questions have no answer"),
            ("/questions/50", ""),
        ):
            page.goto(f"{address}{path}")
            expect(page.locator("[data-ease]")).to_have_count(1)
            expect(page.locator("h1:visible")).to_contain_text(words)
            page.reload()
            expect_safe(page, "1 of 50 safe")
        page.goto(f"{address}/review")
        expect(page.locator("[data-question]")).to_have_count(1)
        page.context.set_offline(True)
        page.get_by_role("link", name="Answer question 2").click()
        expect(page.locator("[data-where]")).to_have_text("Question 2 of 50")
        choose(page, "b")
        page.go_back()
        expect(page.locator("h1:visible")).to_have_text("48 questions have no answer")
        page.context.set_offline(False)
        expect_safe(page, "2 of 50 safe")


def test_a_page_from_the_back_forward_cache_loads_again(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 12)
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        with page.expect_navigation():
            page.evaluate(
                "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
            )
        wait_for_the_script(page)
        expect(page.locator("#option-a")).to_be_checked()
