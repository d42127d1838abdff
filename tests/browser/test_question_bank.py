"""Staff in a real browser: write, read blind, put live, recall, put back, rescore."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.test_assessment import choose, right_answers, start
from tests.browser.test_pages import sign_in

Visit = Callable[..., AbstractContextManager[Page]]

STEM = "The rubber feet of your stepladder have worn away. What do you do with it?"
RIGHT = "Take it out of use and report it"
WRONG = (
    "Put it on a dry cloth and go on",
    "Let a workmate stand on its base",
    "Use it on carpet until next week",
)


def write_item(page: Page) -> str:
    """Fill in the form as somebody at a desk does; return the code of the new question."""
    page.goto("/staff/questions")
    page.get_by_role("link", name="Write a question").click()
    page.get_by_label("Topic").select_option("work-at-height")
    page.get_by_label("Question", exact=True).fill(STEM)
    for letter, text in zip("ABCD", (WRONG[0], RIGHT, *WRONG[1:]), strict=True):
        page.get_by_label(f"Option {letter}").fill(text)
    page.locator("input[name=key][value=b]").check(force=True)
    preview = page.locator("[data-preview]")
    expect(preview.get_by_text(STEM)).to_be_visible()
    expect(preview.get_by_text(WRONG[2])).to_be_visible()
    page.locator("textarea[name=rationale]").fill(
        "Without its feet the stepladder can slide away under you, so nobody may use it"
        " until it is mended. A cloth or carpet slips, and a workmate cannot hold it."
    )
    page.locator("select[name=source]").select_option("wahr-2005")
    page.locator("input[name=clause]").fill("reg 12")
    for part, typed in (("day", "1"), ("month", "3"), ("year", "2026")):
        page.locator(f"input[name=checked_on-{part}]").fill(typed)
    page.locator("input[name=difficulty]").fill("88")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Save and ask for the second reading").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"work-at-height-\d+")
    )
    return page.get_by_role("heading", level=1).inner_text()


def read_blind(page: Page, code: str) -> None:
    page.goto("/staff/questions?state=waiting")
    page.get_by_role("link", name=code).click()
    page.get_by_role("link", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(STEM)
    assert "can slide away" not in page.content()
    choose(page, RIGHT)
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Save my reading").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "You agree with the author"
    )
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Put it live").click()
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()


def test_a_question_is_written_read_and_put_live_by_two_people(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["people"]["staff"])
        code = write_item(page)
        expect(page.get_by_text("waits for a second reading").first).to_be_visible()
        expect(page.get_by_role("link", name="Read it")).to_have_count(0)
    with visit(viewport=PHONE) as page:
        sign_in(page, facts["people"]["reviewer"])
        read_blind(page, code)


def test_a_changed_law_takes_its_questions_out_and_one_is_put_back(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto("/staff/questions/recalls/new?source=car-2012")
        expect(page.get_by_text("live question")).not_to_have_count(0)
        assert accessibility_problems(page) == []
        page.locator("textarea[name=reason]").fill("The control limit was lowered.")
        page.get_by_role("button", name=re.compile("^Take")).click()
        first = page.locator("tbody tr").first
        expect(first).to_contain_text("Still suspended")
        code = first.get_by_role("link").inner_text()
        page.goto(f"/staff/questions/{code}")
        expect(page.get_by_text("The control limit was lowered.")).to_be_visible()
        page.get_by_role("link", name="Put it back").click()
        assert accessibility_problems(page) == []
        page.locator("input[name=checked_on-day]").fill("2")
        page.locator("input[name=checked_on-month]").fill("3")
        page.locator("input[name=checked_on-year]").fill("2026")
        page.locator("input[name=clause]").fill("reg 11")
        page.locator("textarea[name=reason]").fill("This clause did not change.")
        page.get_by_role("button", name="Put it back").click()
        expect(page.get_by_text("Live", exact=True).first).to_be_visible()


def test_a_wrong_question_is_rescored_and_the_candidate_reads_it(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE) as page:
        sign_in(page, facts["people"]["candidate"])
        attempt = start(page, facts)
        known = right_answers()
        stem = page.locator("h1").inner_text()
        options = page.locator(".answers label").all_inner_texts()
        choose(page, next(text for text in options if text != known[stem]))
        page.get_by_role("button", name="Save and continue").click()
        expect(page.get_by_text("1 of 50 safe")).to_be_visible()
        page.goto(f"{attempt}/review")
        page.get_by_role("button", name=re.compile("^Finish")).click()
        page.wait_for_url("**/result")
        expect(page.get_by_text("0 of 50").first).to_be_visible()
    with visit(viewport=DESK) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto("/staff/questions")
        page.get_by_role("searchbox").fill(stem)
        page.get_by_role("button", name="Search").click()
        page.locator("tbody tr").first.get_by_role("link").click()
        page.get_by_role("link", name="It was wrong: rescore").click()
        choose_ruling = page.get_by_text("Withdraw it: everybody who had it")
        choose_ruling.click()
        page.get_by_role("button", name="Show whose results would change").click()
        expect(page.get_by_text("Marta Kowalczyk")).to_be_visible()
        assert accessibility_problems(page) == []
        page.locator("textarea[name=reason]").fill("Two of its answers are right.")
        page.get_by_role("button", name="Rescore now").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Rescore of")
        assert accessibility_problems(page) == []
    with visit(viewport=PHONE) as page:
        sign_in(page, facts["people"]["candidate"])
        page.goto(f"{attempt}/result")
        expect(page.get_by_text("Your score was 0 and became 1.")).to_be_visible()
        assert accessibility_problems(page) == []
