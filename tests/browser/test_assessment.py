"""The candidate's part in a real browser: sit, lose the network, come back, pass, apply."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.exam import wait_for_the_script
from tests.browser.test_pages import sign_in

__all__ = ["start", "wait_for_the_script"]  # for the tests beside this one
Visit = Callable[..., AbstractContextManager[Page]]


def right_answers() -> dict[str, str]:
    return {
        item["stem"]: item["options"][item["key"]]
        for path in Path("question_bank/topics").glob("*.yaml")
        for item in yaml.safe_load(path.read_text())["items"]
    }


def start(page: Page, facts: dict[str, Any]) -> str:
    page.goto(f"/sittings/{facts['sitting']}")
    page.get_by_role("button", name=re.compile("Start")).click()
    page.wait_for_url("**/questions/1")
    return page.url.removesuffix("/questions/1")


def choose(page: Page, text: str) -> None:
    page.locator(".answers label").get_by_text(text, exact=True).click()


def answer_all(page: Page, *, wrong: int = 0) -> None:
    known = right_answers()
    for n in range(1, 51):
        expect(page.locator("[data-where], .exam-where").first).to_contain_text(
            f"{n} of 50"
        )
        right = known[page.locator("h1").inner_text()]
        options = page.locator(".answers label").all_inner_texts()
        choose(page, right if n > wrong else next(o for o in options if o != right))
        page.get_by_role("button", name="Save and continue").click()


def test_a_candidate_sits_passes_and_opens_the_application(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE) as page:
        sign_in(page, facts["people"]["candidate"])
        start(page, facts)
        assert accessibility_problems(page) == []
        answer_all(page, wrong=3)
        expect(page.get_by_text("50 of 50 safe")).to_be_visible()
        assert accessibility_problems(page) == []
        page.get_by_role("button", name=re.compile("^Finish")).click()
        page.wait_for_url("**/result")
        expect(page.get_by_role("heading", level=1)).to_contain_text("You passed")
        expect(page.get_by_text("47 of 50")).to_be_visible()
        assert accessibility_problems(page) == []
        page.goto("/card-applications/labourer")
        page.locator("input[name=region]").first.check(force=True)
        page.get_by_role("button", name="Open it").click()
        expect(page.get_by_text("Not ready yet")).to_be_visible()
        page.go_back()


def test_a_lost_network_stops_nobody(visit: Visit, facts: dict[str, Any]) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["candidates"][0])
        attempt = start(page, facts)
        wait_for_the_script(page)
        page.context.set_offline(True)
        for n in range(1, 4):
            expect(page.locator("[data-where]")).to_contain_text(f"{n} of 50")
            page.locator(".answers label").first.click()
            page.get_by_role("button", name="Save and continue").click()
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        page.context.set_offline(False)
        expect(page.get_by_text("3 of 50 safe")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("Not saved yet")).to_be_hidden()
        saved = page.request.get(f"{attempt}/responses").json()
        assert [r["option"] for r in saved["responses"][:4]] == ["a", "a", "a", None]


def test_a_second_device_takes_over_and_the_first_is_told(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as first, visit(viewport=PHONE) as second:
        for page in (first, second):
            sign_in(page, facts["candidates"][1])
        start(first, facts)
        first.locator(".answers label").first.click()
        expect(first.get_by_text("1 of 50 safe")).to_be_visible()
        second.goto(f"/sittings/{facts['sitting']}")
        second.get_by_role("link", name="Go on with the test").click()
        second.get_by_role("button", name="Continue here").click()
        second.locator(".answers label").nth(1).click()
        expect(second.get_by_text("1 of 50 safe")).to_be_visible()
        first.locator(".answers label").nth(2).click()
        expect(
            first.get_by_text("This test is open somewhere else").first
        ).to_be_visible()
        second.reload()
        expect(second.locator("input[name=option][value=b]")).to_be_checked()


def test_an_attempt_by_forms_alone(visit: Visit, facts: dict[str, Any]) -> None:
    narrow = {"width": 320, "height": 640}
    with visit(viewport=narrow, java_script_enabled=False) as page:
        sign_in(page, facts["candidates"][2])
        start(page, facts)
        answer_all(page, wrong=8)
        page.get_by_role("button", name=re.compile("^Finish")).click()
        page.wait_for_url("**/result")
        expect(page.get_by_text("42 of 50")).to_be_visible()


def test_the_keyboard_is_enough(visit: Visit, facts: dict[str, Any]) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["candidates"][3])
        start(page, facts)
        wait_for_the_script(page)
        page.keyboard.press("c")
        expect(page.locator("input[name=option][value=c]")).to_be_checked()
        page.keyboard.press("f")
        expect(page.locator("input[name=flagged]")).to_be_checked()
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-where]")).to_contain_text("2 of 50")
        expect(page.get_by_text("1 of 50 safe")).to_be_visible()
