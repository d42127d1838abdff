"""A change looked at before it is made, in a real browser."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ecs_training.booking.services import book_seat
from ecs_training.foundation.database import Database
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.scheduling.models import CourseSession
from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.test_pages import sign_in
from tests.conftest import MovableClock
from tests.factories import make_person

Visit = Callable[..., AbstractContextManager[Page]]


def check(page: Page) -> None:
    """Look at the page in view at both widths."""
    for viewport in (DESK, PHONE, {"width": 320, "height": 800}):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert accessibility_problems(page) == []
        assert not page.evaluate(
            "document.documentElement.scrollWidth > window.innerWidth"
        )


def book(database: Database, clock: MovableClock, ref: str, name: str) -> None:
    """Let somebody with a long name take a seat."""
    with database.transaction() as db:
        person = make_person(db, name, now=clock())
        person.full_name = f"{name.title()} Adébáyọ̀-Featherstonehaugh"
        book_seat(
            db,
            course_session_ref=ref,
            candidate_id=person.id,
            booked_by_id=person.id,
            company_id=None,
            now=clock(),
        )


def letters(database: Database) -> list[tuple[str, str | None]]:
    with database.reading() as db:
        rows = db.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id)).all()
        return [(row.to, row.method) for row in rows]


def test_a_move_is_looked_at_and_done(
    visit: Visit,
    facts: dict[str, Any],
    app: Flask,
    clock: MovableClock,
) -> None:
    database, ref = app.extensions["database"], facts["bookable_session"]
    book(database, clock, ref, "oluwaseun")
    before = letters(database)
    with visit(viewport=DESK) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto(f"/staff/course-sessions/{ref}/changes")
        check(page)
        page.get_by_role("link", name="Move it").click()
        check(page)
        page.get_by_label("Starts").fill("10:30")
        page.get_by_label("Ends").fill("5pm")
        page.get_by_role("button", name="Show what would happen").press("Enter")
        expect(page.get_by_text("Nothing has been done")).to_be_visible()
        check(page)
        mine = page.locator("details", has_text="Oluwaseun")
        mine.locator("summary").press("Enter")
        expect(mine.get_by_text("The day or time has changed.")).to_be_visible()
        assert accessibility_problems(page) == []
        assert letters(database) == before
        page.get_by_role("button", name="Move this date").click()
        expect(page.get_by_text("It is done, exactly as shown")).to_be_visible()
        expect(page.get_by_text("10:30am to 5pm")).to_be_visible()
        check(page)
    new = letters(database)[len(before) :]
    assert ("oluwaseun@example.org", "REQUEST") in new
    assert {method for _, method in new} == {"REQUEST"}


def test_nothing_is_done_when_somebody_books_in_between(
    visit: Visit,
    facts: dict[str, Any],
    app: Flask,
    clock: MovableClock,
) -> None:
    database, ref = app.extensions["database"], facts["bookable_session"]
    book(database, clock, ref, "oluwaseun")
    with visit(viewport=PHONE) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto(f"/staff/course-sessions/{ref}/changes/cancellation")
        page.get_by_label("Why is it cancelled?").fill("The trainer is ill.")
        page.get_by_role("button", name="Show what would happen").click()
        check(page)
        book(database, clock, ref, "zofia")
        before = letters(database)
        page.get_by_role("button", name="Cancel this date").click()
        problem = page.locator('[role=alert][data-refusal="plan-changed"]')
        expect(problem).to_be_focused()
        check(page)
        marked = page.locator("tr", has_text="Zofia").get_by_text("Different now")
        expect(marked.first).to_be_visible()
        expect(page.locator("tr", has_text="Oluwaseun")).not_to_contain_text(
            "Different now"
        )
        assert letters(database) == before
        with database.reading() as db:
            course = select(CourseSession).where(CourseSession.ref == ref)
            assert db.scalars(course).one().cancelled_at is None
        page.get_by_role("button", name="Cancel this date").click()
        expect(page.get_by_text("It is done, exactly as shown")).to_be_visible()
    new = letters(database)[len(before) :]
    assert {("oluwaseun@example.org", "CANCEL"), ("zofia@example.org", "CANCEL")} <= (
        set(new)
    )
