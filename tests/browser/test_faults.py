"""What others lost in the browser and no other test shows: T7, T30, T36."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import sleep
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK
from tests.browser.exam import start

Visit = Callable[..., AbstractContextManager[Page]]
SLOW = 5.0  # seconds


def test_t7_the_end_waits_for_an_answer_that_is_slow(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        attempt = start(page, facts, 10)

        def dawdle(route: Route) -> None:
            sleep(SLOW)
            route.continue_()

        page.route("**/responses/1", dawdle)
        page.locator(".answers label").first.click()
        page.get_by_role("button", name="Review and finish").click()
        page.get_by_role("button", name=re.compile("^Finish")).click()
        page.wait_for_url("**/result", timeout=20_000)
        record = page.request.get(f"{attempt}/result.json").json()
        journal = page.request.get(f"{attempt}/receipt").text()
        assert record["out_of"] == 50
        assert "1 of 50" in journal


def test_t30_a_poll_that_fails_is_no_lost_answer(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 11)
        page.route("**/presence", lambda route: route.abort())
        for n in range(1, 4):
            page.locator(".answers label").first.click()
            expect(page.get_by_text(f"{n} of 50 safe")).to_be_visible()
            page.get_by_role("button", name="Save and continue").click()
        expect(page.get_by_text("Not saved yet")).to_be_hidden()


def test_t36_back_after_the_end_shows_no_question(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 12)
        stem = page.locator("h1").inner_text()
        page.get_by_role("button", name="Review and finish").click()
        page.get_by_role("button", name=re.compile("^Finish")).click()
        page.wait_for_url("**/result")
        for _ in range(2):
            page.go_back()
            page.wait_for_load_state()
            expect(page.get_by_text(stem)).to_have_count(0)
