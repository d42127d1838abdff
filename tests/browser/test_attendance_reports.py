"""A trainer sends the report from Teams, says who is who, and sees the minutes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Sitting
from ecs_training.booking.queries import list_register
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import LONDON
from ecs_training.scheduling.models import CourseSession
from tests.browser.conftest import DESK, NARROWEST, PHONE, accessibility_problems
from tests.browser.test_pages import sign_in

Visit = Callable[..., AbstractContextManager[Page]]


def report_of(course_session: CourseSession, people: Sequence[Person]) -> FilePayload:
    """Return a file in which all were there but the last, who came as "iPhone"."""
    joined, left = (
        f"{at.astimezone(LONDON):%d/%m/%Y, %H:%M:%S}"
        for at in (course_session.starts_at, course_session.ends_at)
    )
    lines = ["Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"]
    for person in people[:-1]:
        name = f"{person.full_name} (Guest)"
        lines.append(f"{name}\t{joined}\t{left}\t1h\t{person.email}\tAttendee")
    lines.append(f"iPhone\t{joined}\t{left}\t1h\t\tAttendee")
    content = b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")
    return {"name": "report.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize(
    ("viewport", "script"), [(PHONE, False), (NARROWEST, True), (DESK, True)]
)
def test_a_report_is_sent_and_the_doubtful_are_decided(
    app: Flask,
    visit: Visit,
    facts: dict[str, Any],
    viewport: dict[str, int],
    script: bool,
) -> None:
    database: Database = app.extensions["database"]
    with database.reading() as db:
        sitting = db.scalars(
            select(Sitting).where(Sitting.ref == facts["sitting"])
        ).one()
        course_session = db.get_one(CourseSession, sitting.course_session_id)
        booked = list_register(db, course_session_id=course_session.id)
        people = [booking.candidate for booking in booked]
    with visit(viewport=viewport, java_script_enabled=script) as page:
        sign_in(page, facts["people"]["trainer"])
        page.goto(f"/trainer/course-sessions/{course_session.ref}")
        page.get_by_role("link", name="Teams attendance").click()
        page.get_by_label("Attendance report from Teams").set_input_files(
            report_of(course_session, people)
        )
        page.get_by_role("button", name="Send the report").click()
        page.get_by_label("Who is iPhone?").select_option(people[-1].full_name)
        if script:
            assert accessibility_problems(page) == []
            wide = "document.documentElement.scrollWidth > window.innerWidth"
            assert not page.evaluate(wide)
        page.get_by_role("main").get_by_role("button", name="iPhone").first.click()
        expect(page.get_by_text("as iPhone")).to_be_visible()
        expect(page.get_by_label("Who is iPhone?")).to_have_count(0)
        expect(page.get_by_text("Not in any report")).to_have_count(0)
