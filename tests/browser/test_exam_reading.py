"""Reading and display, the whole test by keyboard and at 400 % zoom, and the pages around it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, NARROWEST, PHONE, accessibility_problems
from tests.browser.exam import (
    VOICE,
    Visit,
    choose,
    expect_safe,
    start,
    wait_for_the_script,
)
from tests.browser.test_pages import sign_in

ZOOMED = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %


def scrolls_sideways(page: Page) -> bool:
    width = "document.documentElement.scrollWidth > window.innerWidth"
    return bool(page.evaluate(width))


def open_panel(page: Page) -> None:
    page.locator("[data-ease] > summary").click()


def test_every_choice_of_display_is_readable_and_kept(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=NARROWEST) as page:
        start(page, facts, 0)
        choose(page, "a")
        expect_safe(page, "1 of 50 safe")
        open_panel(page)
        page.locator("label[for=size-largest]").click()
        for theme in ("light", "dark", "contrast", "cream"):
            page.locator(f"label[for=theme-{theme}]").click()
            assert accessibility_problems(page) == [], theme
            assert not scrolls_sideways(page), theme
        page.reload()
        wait_for_the_script(page)
        chosen = page.evaluate("({...document.documentElement.dataset})")
        assert chosen == {"theme": "cream", "size": "largest"}
        size = "getComputedStyle(document.documentElement).fontSize"
        assert page.evaluate(size) == "24px"
        open_panel(page)
        expect(page.locator("#theme-cream")).to_be_checked()
        page.locator("label[for=theme-]").click()
        page.locator("label[for=size-]").click()
        assert page.evaluate("({...document.documentElement.dataset})") == {}


@pytest.mark.parametrize("theme", ["light", "cream"])
def test_a_light_choice_wins_over_a_dark_device(
    visit: Visit, facts: dict[str, Any], theme: str
) -> None:
    with visit(viewport=PHONE, color_scheme="dark") as page:
        start(page, facts, 1)
        open_panel(page)
        page.locator(f"label[for=theme-{theme}]").click()
        choose(page, "b")
        assert accessibility_problems(page) == []
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert min(map(int, re.findall(r"\d+", ground)[:3])) > 200


def test_the_panel_works_by_keyboard_and_turns_no_page(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 2)
        page.locator("[data-ease] > summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#size-large")).to_be_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#theme-dark")).to_be_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.locator(".ruler")).to_be_visible()
        expect(page.locator("[data-where]")).to_have_text("Question 1 of 50")
        expect_safe(page, "0 of 50 safe")


def test_the_ruler_shows_the_lines_under_the_pointer_or_the_focus(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        start(page, facts, 3)
        open_panel(page)
        page.locator("label[for=ruler-on]").click()
        page.evaluate("scrollTo(0, 0)")

        def window() -> tuple[float, float]:
            above, below = page.locator(".ruler rect").all()
            return (
                float(above.get_attribute("height") or 0),
                float(below.get_attribute("y") or 0),
            )

        page.mouse.move(400, 500)
        assert window() == (472, 528)
        page.locator("#option-b").focus()
        box = page.locator(".choice", has=page.locator("#option-b")).bounding_box()
        assert box
        top, bottom = window()
        assert top < box["y"] < box["y"] + box["height"] < bottom
        assert accessibility_problems(page) == []
        choose(page, "a")  # it lies over everything and takes no click
        expect_safe(page, "1 of 50 safe")


def test_question_and_answers_are_read_aloud_until_the_page_turns(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        page.add_init_script(VOICE)
        start(page, facts, 4)
        stem = page.locator("h1:visible").inner_text()
        options = page.locator(".answers label").all_inner_texts()
        page.get_by_role("button", name="Read aloud").click()
        assert page.evaluate("said") == [
            stem,
            *(
                f"{letter}. {text}"
                for letter, text in zip("ABCD", options, strict=True)
            ),
        ]
        expect(page.get_by_role("button", name="Stop reading")).to_be_visible()
        assert accessibility_problems(page) == []
        silenced = page.evaluate("silenced")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Read aloud")).to_be_visible()
        assert page.evaluate("silenced") == silenced + 1


def test_a_browser_without_a_voice_offers_none(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'speechSynthesis', {value: undefined})"
        )
        start(page, facts, 5)
        expect(page.get_by_role("button", name="Read aloud")).to_have_count(0)
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-where]")).to_have_text("Question 2 of 50")


def focus_is_seen(page: Page) -> bool:
    """Say whether what has the focus is on the screen and not under the bar."""
    return bool(
        page.evaluate(
            """() => {
              const at = document.activeElement.closest(".choice") ?? document.activeElement;
              const {left, right, top, bottom} = at.getBoundingClientRect();
              const seen = document.elementFromPoint(
                (left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2);
              return Boolean(seen) && (at.contains(seen) || seen.contains(at));
            }"""
        )
    )


def test_the_whole_test_by_keyboard_alone_at_400_percent(
    visit: Visit, facts: dict[str, Any]
) -> None:
    """With Tab, arrows and Space as everywhere; the extra keys are switched off first."""
    with visit(viewport=ZOOMED) as page:
        start(page, facts, 6)
        page.locator("[data-shortcuts] > summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.locator("h1:visible").focus()
        for n in range(1, 51):
            expect(page.locator("[data-where]")).to_have_text(f"Question {n} of 50")
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
            assert focus_is_seen(page), n
            page.keyboard.press("Tab")
            assert focus_is_seen(page), n
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            assert not scrolls_sideways(page), n
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Every question has an answer"
        )
        assert not scrolls_sideways(page)
        assert accessibility_problems(page) == []
        expect_safe(page, "50 of 50 safe")
        page.locator("[data-finish]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/result")
        assert not scrolls_sideways(page)


def test_every_state_of_the_page_is_accessible_at_400_percent(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=ZOOMED) as page:
        start(page, facts, 7)

        def check(words: str) -> None:
            expect(page.get_by_text(words).first).to_be_visible()
            assert accessibility_problems(page) == [], words
            assert not scrolls_sideways(page), words

        open_panel(page)
        check("High contrast")
        page.context.set_offline(True)
        choose(page, "a")
        check("Not saved yet")
        page.context.set_offline(False)
        expect_safe(page, "1 of 50 safe")
        page.keyboard.press("ArrowRight")
        choose(page, "b")
        page.keyboard.press("f")
        page.get_by_role("button", name="Review and finish").click()
        check("48 questions have no answer")
        page.go_back()
        other = page.context.new_page()
        other.goto(page.url)
        other.get_by_role("button", name="Continue here").click()
        check("This test is open somewhere else")
        other.close()
        page.get_by_role("button", name="Continue here").click()
        expect(page.locator("#option-c")).to_be_enabled()
        page.context.clear_cookies()
        choose(page, "c")
        check("You were signed out")


def test_the_check_before_the_day_says_what_it_found(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE) as page:
        page.add_init_script(VOICE)
        sign_in(page, facts["people"]["candidate"])
        page.goto("/system-check?role=labourer")
        expect(page.get_by_text("This computer is ready.")).to_be_visible(
            timeout=20_000
        )
        assert page.locator("[data-outcome=ok]").count() == 6
        page.get_by_role("button", name="Play a sentence").click()
        assert len(page.evaluate("said")) == 1
        assert accessibility_problems(page) == []
        assert not scrolls_sideways(page)
        page.context.set_offline(True)
        page.get_by_role("button", name="Check again").click()
        expect(page.get_by_text("Our server did not answer once.")).to_be_visible(
            timeout=20_000
        )
        assert accessibility_problems(page) == []
        page.context.set_offline(False)
        page.get_by_role("link", name="Practise for Labourer").click()
        page.wait_for_url("**/practice/labourer")


def test_the_check_says_less_without_script_and_names_a_wrong_clock_with_it(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, facts["people"]["candidate"])
        page.goto("/system-check")
        expect(page.get_by_text("You can still sit the test")).to_be_visible()
        expect(page.locator("[data-checks]")).to_be_hidden()
        assert page.get_by_role("link", name="Practise for Labourer").is_visible()
    with visit(viewport=DESK) as page:
        page.add_init_script("const t = Date.now; Date.now = () => t() + 600000;")
        sign_in(page, facts["people"]["candidate"])
        page.goto("/system-check")
        expect(page.get_by_text("clock is 10 minutes wrong")).to_be_visible(
            timeout=20_000
        )


def test_a_practice_paper_is_explained_at_its_end(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=NARROWEST) as page:
        sign_in(page, facts["people"]["candidate"])
        page.goto("/practice/labourer")
        page.get_by_role("button", name="Start practice").click()
        page.wait_for_url("**/questions/1")
        wait_for_the_script(page)
        for key in ("a", "ArrowRight", "b", "ArrowRight", "c"):
            page.keyboard.press(key)
        expect_safe(page, "3 of 50 safe")
        page.get_by_role("button", name="Review and finish").click()
        page.get_by_role("button", name="Finish with 47 unanswered").click()
        page.wait_for_url("**/result")
        page.goto("/practice/labourer")
        page.get_by_role("link", name="Explained").click()
        expect(page.locator(".lesson")).to_have_count(50)
        assert page.get_by_text("Why:").count() == 50
        broken = (
            "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
        )
        assert page.evaluate(broken) == 0
        assert accessibility_problems(page) == []
        assert not scrolls_sideways(page)
