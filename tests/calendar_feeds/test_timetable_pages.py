"""The public dates in a spreadsheet, on paper and on somebody else's page."""

import csv
import io

import pytest
from sqlalchemy import select

from ecs_training.calendar_feeds.rules.timetable import COLUMNS, as_text
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession
from tests.calendar_feeds.conftest import Fetch
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person


@pytest.fixture
def ref(database: Database, clock: MovableClock) -> str:
    """One public date in summer with two seats left; an in-house and a past one beside."""
    clock.at = clock.at.replace(month=7)
    with database.transaction() as db:
        trainer = make_person(db, "theodora", now=clock())
        shown = make_course_session(db, now=clock(), trainer=trainer)
        shown.seats_taken, shown.joining_url = 10, "https://teams.example/l/secret"
        make_course_session(db, now=clock(), in_house=True)
        make_course_session(db, now=clock(), on=london_date(clock()).replace(day=1))
        return shown.ref


def test_a_spreadsheet_gets_uk_times_and_instants_of_public_dates_only(
    ref: str, fetch: Fetch
) -> None:
    answer = fetch("/calendars/timetable.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [
        list(COLUMNS),
        [
            "labourer",
            "Labourer health and safety course",
            "2026-07-09",
            "09:00",
            "16:30",
            "2026-07-09T08:00:00Z",
            "2026-07-09T15:30:00Z",
            "2",
            f"http://127.0.0.1:8000/course-sessions/{ref}",
        ],
    ]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_a_formula(first: str) -> None:
    assert as_text(f"{first}1+1") == f"'{first}1+1"
    assert as_text(f"1{first}") == f"1{first}"


def test_the_printable_timetable_names_the_date_and_its_seats(
    ref: str, fetch: Fetch
) -> None:
    page = fetch("/calendars/timetable").text
    assert page.count("/course-sessions/") == 1
    assert f"/course-sessions/{ref}" in page
    assert 'data-label="Seats left">2<' in page
    assert "No dates at the moment" in page  # of the other roles
    assert "teams.example" not in page


def test_only_the_embedded_list_may_stand_in_a_strangers_page(
    ref: str, fetch: Fetch
) -> None:
    answer = fetch("/embed/courses/labourer")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "<form" not in answer.text
    assert "csrf" not in answer.text
    assert f"http://127.0.0.1:8000/course-sessions/{ref}" in answer.text
    links = [part.partition(">")[0] for part in answer.text.split("<a ")[1:]]
    assert len(links) == 2
    for link in links:
        assert 'target="_top"' in link
        assert 'rel="noopener noreferrer"' in link
    for path in ("/calendars/timetable", "/calendars/embedding", "/"):
        policy = fetch(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy


def test_a_full_date_is_shown_without_a_way_to_book(
    ref: str, database: Database, fetch: Fetch
) -> None:
    with database.transaction() as db:
        shown = select(CourseSession).where(CourseSession.ref == ref)
        db.scalars(shown).one().seats_taken = 12
    page = fetch("/embed/courses/labourer").text
    assert ">Full<" in page
    assert "/course-sessions/" not in page


def test_an_unknown_role_and_one_without_dates(fetch: Fetch) -> None:
    assert fetch("/embed/courses/nobody").status_code == 404
    assert "No dates at the moment" in fetch("/embed/courses/lv-jointer").text


def test_the_line_to_copy_is_one_iframe_of_the_embedded_list(fetch: Fetch) -> None:
    page = fetch("/calendars/embedding").text
    start = "&lt;iframe src=&#34;http://127.0.0.1:8000/embed/courses/labourer&#34;"
    assert start in page
    assert page.count("&lt;/iframe&gt;") == 5
