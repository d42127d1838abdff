"""A weekly plan's dry run in a browser: seen, published, seen again; refused if it changed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import add_closure
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import sign_in
from tests.browser.test_question_files import problems_in_view
from tests.conftest import MovableClock

Visit = Callable[..., AbstractContextManager[Page]]
SATURDAY = "Saturday"  # on which the demo has no weekly course


def planned(page: Page) -> int:
    """Ask for a weekly course on Saturdays; return how many dates the dry run adds."""
    page.goto("/staff/weekly-plans/new")
    page.get_by_label("Day of the week").select_option(SATURDAY)
    page.get_by_label("Starts").fill("9")
    page.get_by_label("Ends").fill("4pm")
    page.get_by_label("Second trainer").select_option(index=2)
    since = page.get_by_role("group", name="From")
    for part, value in (("Day", "2"), ("Month", "3"), ("Year", "2026")):
        since.get_by_label(part, exact=True).fill(value)
    page.get_by_role("button", name="See its dates").click()
    page.get_by_role("heading", name="What this publishes").wait_for()
    return page.get_by_role("cell", name="Added").count()


@pytest.mark.parametrize(
    ("viewport", "script"), [(PHONE, False), (DESK, True)], ids=["phone", "desk"]
)
def test_a_dry_run_is_seen_then_published_then_has_nothing_to_do(
    visit: Visit,
    facts: dict[str, Any],
    database: Database,
    viewport: dict[str, int],
    script: bool,
) -> None:
    def saturdays() -> int:
        with database.reading() as db:
            dates = db.scalars(select(CourseSession.local_date)).all()
        return sum(on.weekday() == 5 for on in dates)

    with visit(viewport=viewport, java_script_enabled=script) as page:
        sign_in(page, facts["people"]["staff"])
        before = saturdays()
        assert planned(page) == 12
        if script:
            assert problems_in_view(page) == []
        assert saturdays() == before

        page.get_by_role("button", name="Save and publish").click()
        page.wait_for_url(lambda url: not url.partition("#")[0].endswith("/new"))
        assert page.get_by_text("Nothing to do").is_visible()
        assert saturdays() == before + 12
        if script:
            assert problems_in_view(page) == []


def test_a_dry_run_that_no_longer_holds_is_refused_and_shown_anew(
    visit: Visit, facts: dict[str, Any], database: Database, clock: MovableClock
) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["people"]["staff"])
        assert planned(page) == 12
        with database.transaction() as db:
            staff = db.scalars(
                select(Person).where(Person.email == facts["people"]["staff"])
            ).one()
            add_closure(
                db,
                first_on=date(2026, 3, 14),
                last_on=date(2026, 3, 21),
                reason="The heating fails",
                added_by_id=staff.id,
                now=clock(),
            )

        page.get_by_role("button", name="Save and publish").click()

        alert = page.get_by_role("alert")
        alert.wait_for()
        assert alert.get_attribute("data-refusal") == "changed-meanwhile"
        assert page.get_by_role("cell", name="Added").count() == 10
        assert page.get_by_text("Closed: The heating fails").count() == 2
        assert problems_in_view(page) == []
        page.goto("/staff/timetable")
        assert page.get_by_text(SATURDAY).count() == 0

        assert planned(page) == 10
        page.get_by_role("button", name="Save and publish").click()
        page.get_by_text("Nothing to do").wait_for()
