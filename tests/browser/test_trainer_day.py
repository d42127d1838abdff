"""A trainer's day on a phone: today, Teams, the register, and a swap that another accepts."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from tests.browser.conftest import DESK, NARROWEST, PHONE, accessibility_problems
from tests.browser.test_pages import Visit, problems_on, sign_in
from tests.conftest import MovableClock
from tests.factories import PASSWORD, make_booking, make_course_session, make_person

LINK = "https://teams.example.org/l/meetup-join/42"
PAGES = ["/trainer/day", "/trainer/day/2026-03-03", "/trainer/time"]


@pytest.fixture
def register(database: Database, clock: MovableClock) -> str:
    """Wren teaches today and the day after, Oluwaseun could; return today's reference."""
    now = clock()
    with database.transaction() as db:
        wren = make_person(db, "wren", now=now, role=Role.TRAINER)
        long = make_person(db, "oluwaseun", now=now, role=Role.TRAINER)
        long.full_name = "Oluwaseun Adébáyọ̀-Featherstonehaugh of Somewhere"
        today, tomorrow = (
            make_course_session(
                db, now=now, trainer=wren, on=london_date(now) + timedelta(days=days)
            )
            for days in (0, 1)
        )
        today.joining_url = LINK
        for _ in range(3):
            make_booking(db, today, make_person(db, now=now), now=now)
        assert tomorrow.ref
        return today.ref


def small_targets(page: Page) -> list[str]:
    """Return the buttons of the day that are lower than 48 px."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('main .btn, .day-links a')]
            .filter((each) => each.getBoundingClientRect().height < 48)
            .map((each) => each.textContent)"""
    )
    return found


def test_a_day_in_one_hand_and_a_swap_that_another_accepts(
    visit: Visit, facts: dict[str, Any], register: str
) -> None:
    del facts
    with visit(viewport=PHONE) as page, visit(viewport=PHONE) as other:
        sign_in(page, "wren@example.org", PASSWORD)
        page.goto("/trainer")
        page.get_by_role("link", name="Today in one hand").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
        expect(page.get_by_text("9am to 4:30pm").first).to_be_visible()
        join = page.get_by_role("link", name="Join on Teams")
        expect(join).to_have_attribute("href", LINK)
        assert small_targets(page) == []
        assert accessibility_problems(page) == []
        page.get_by_role("link", name="Mark who is here").click()
        page.wait_for_url(f"**/trainer/course-sessions/{register}#register")
        page.go_back()

        page.get_by_role("navigation", name="Days").get_by_role("link").last.click()
        page.get_by_role("link", name="Ask somebody to take it over").click()
        page.get_by_role("button", name="Ask them").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose a trainer.")
        page.get_by_label("Who could take it?").select_option(
            label="Oluwaseun Adébáyọ̀-Featherstonehaugh of Somewhere"
        )
        page.get_by_label("A word to them").fill("A wedding. Could you?")
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Ask them").click()
        expect(page.get_by_text("Waiting")).to_be_visible()

        sign_in(other, "oluwaseun@example.org", PASSWORD)
        other.goto("/trainer/day")
        other.get_by_role("link", name="answer").click()
        assert accessibility_problems(other) == []
        other.get_by_role("button", name="Take it over").click()
        expect(other.get_by_text("The date is yours now.")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Accepted")).to_be_visible()
        other.goto("/trainer/day")
        expect(other.get_by_role("table")).to_contain_text("Labourer")


def test_the_pages_of_a_trainers_time_are_fit_for_everybody(
    visit: Visit, facts: dict[str, Any], register: str
) -> None:
    del register
    sizes = (NARROWEST, PHONE, DESK)
    with visit() as page:
        sign_in(page, "wren@example.org", PASSWORD)
        assert problems_on(page, PAGES, facts, sizes) == []
    with visit() as page:
        sign_in(page, facts["people"]["staff"])
        page.goto("/staff/trainers")
        name = page.get_by_role("link", name="Wren", exact=True)
        one = name.get_attribute("href") or ""
        assert problems_on(page, ["/staff/trainers", one], facts, sizes) == []


def test_a_week_leave_and_a_calendar_are_kept_and_mistakes_stay_to_be_mended(
    visit: Visit, facts: dict[str, Any], register: str
) -> None:
    del facts, register
    with visit(viewport=PHONE) as page:
        sign_in(page, "wren@example.org", PASSWORD)
        page.goto("/trainer/time")
        page.get_by_label("Monday").fill("nine to five")
        page.get_by_role("button", name="Save the week").click()
        expect(page.get_by_role("alert")).to_contain_text("Monday must be times")
        expect(page.get_by_label("Monday")).to_have_value("nine to five")
        assert accessibility_problems(page) == []
        page.get_by_label("Monday").fill("9-12, 1pm-4:30pm")
        page.get_by_role("button", name="Save the week").click()
        expect(page.get_by_label("Monday")).to_have_value("09:00-12:00, 13:00-16:30")

        first, last = (
            page.get_by_role("group", name=f"{n} day away") for n in ("First", "Last")
        )
        for group, day in ((first, "3"), (last, "4")):
            for name, typed in (("Day", day), ("Month", "3"), ("Year", "2026")):
                group.get_by_label(name).fill(typed)
        page.get_by_role("button", name="Add leave").click()
        expect(page.get_by_text("1 date falls on leave")).to_be_visible()
        page.get_by_role("button", name="Take back").click()
        expect(page.get_by_text("No leave is planned.")).to_be_visible()

        page.get_by_label("What you call it").fill("Family")
        page.get_by_label("Secret address").fill("https://calendar.example/S3CR3T.ics")
        page.get_by_role("button", name="Add calendar").click()
        expect(page.get_by_text("At calendar.example;")).to_be_visible()
        assert "S3CR3T" not in page.content()
        assert accessibility_problems(page) == []
