"""What tells that a feed has changed, as one text that the database writes.

In one question a program's secret finds its feed, and the feed its marks. Every revision of a
row raises its `sequence`, so that number stands for all that the row holds; what can change
without it (a delegate's name) is written out itself. Five hundred rows would cost many times
as much to fetch and compare.

The statements are put together once; give them `since`, and `whose` where the feed is not
asked for as well.
"""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    Subquery,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import contains_eager

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Entry, Resit, Sitting
from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.rules.feeds import FeedKind
from ecs_training.scheduling.models import CourseSession

_sessions = cast(Table, CourseSession.__table__)
_bookings = cast(Table, Booking.__table__)
_people = cast(Table, Person.__table__)
_feeds = cast(Table, PrivateFeed.__table__)
_resits = cast(Table, Resit.__table__)
_entries = cast(Table, Entry.__table__)
_attempts = cast(Table, Attempt.__table__)
_sittings = cast(Table, Sitting.__table__)
DOT: ColumnElement[str] = literal_column("'.'")
LINE: ColumnElement[str] = literal_column("'\n'")


def _mark(rows: Table) -> ColumnElement[str]:
    return rows.c.ref + DOT + cast_to(rows.c.sequence, String)


_of_a_session = _mark(_sessions)
# What is cancelled is not revised when its date is moved; so the date's number follows.
_and_its_date = DOT + cast_to(_sessions.c.sequence, String)
_of_a_booking = _mark(_bookings) + _and_its_date
_of_a_resit = _mark(_resits) + _and_its_date
_is_shown = _sessions.c.starts_at >= bindparam(
    "since", type_=_sessions.c.starts_at.type
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a kind of feed takes its entries from.

    `marks` answers with one row: the marks as one text, and the newest `updated_at`. `rows`
    answers with a row an entry: its mark, its `updated_at`, and the thing itself. `of_feed`
    is the text alone, for the feed in the row of a larger question.
    """

    marks: Select[*tuple[Any, ...]]
    rows: Select[*tuple[Any, ...]]
    of_feed: ScalarSelect[str]


def _sessions_where(
    whose: ColumnElement[Any], of_feed: ColumnElement[Any], *more: ColumnElement[bool]
) -> Source:
    ordered = (
        select(_of_a_session.label("mark"), _sessions.c.updated_at)
        .where(_is_shown, *more)
        .order_by(_sessions.c.starts_at, _sessions.c.calendar_uid)
    )
    return _source(ordered, whose, of_feed, ordered.add_columns(CourseSession))


def _bookings_where(
    mark: ColumnElement[str], whose: ColumnElement[Any], of_feed: ColumnElement[Any]
) -> Source:
    ordered = (
        select(mark.label("mark"), _bookings.c.updated_at)
        .join_from(
            _bookings, _sessions, _sessions.c.id == _bookings.c.course_session_id
        )
        .join(_people, _people.c.id == _bookings.c.candidate_id)
        .where(_is_shown)
        .order_by(_sessions.c.starts_at, _bookings.c.calendar_uid)
    )
    whole = ordered.add_columns(Booking).options(
        contains_eager(Booking.course_session), contains_eager(Booking.candidate)
    )
    return _source(ordered, whose, of_feed, whole)


def _resits_where(whose: ColumnElement[Any], of_feed: ColumnElement[Any]) -> Source:
    """Where somebody sits again, unless they are there already: `Resit.is_at_once`."""
    ordered = (
        select(_of_a_resit.label("mark"), _resits.c.updated_at)
        .join_from(_resits, _entries, _entries.c.id == _resits.c.entry_id)
        .join(_bookings, _bookings.c.id == _entries.c.booking_id)
        .join(_sessions, _sessions.c.id == _entries.c.course_session_id)
        .join(_attempts, _attempts.c.id == _resits.c.attempt_id)
        .join(_sittings, _sittings.c.id == _attempts.c.sitting_id)
        .where(_is_shown, _sittings.c.course_session_id != _sessions.c.id)
        .order_by(_sessions.c.starts_at, _resits.c.calendar_uid)
    )
    whole = ordered.add_columns(Resit).options(
        contains_eager(Resit.entry).options(
            contains_eager(Entry.booking), contains_eager(Entry.course_session)
        )
    )
    return _source(ordered, whose, of_feed, whole)


def _source(
    ordered: Select[*tuple[Any, ...]],
    whose: ColumnElement[Any],
    of_feed: ColumnElement[Any],
    whole: Select[*tuple[Any, ...]],
) -> Source:
    marks = ordered.where(whose == bindparam("whose")).subquery()
    of_this = ordered.where(whose == of_feed).correlate(_feeds).subquery()
    return Source(
        marks=select(_as_one_text(marks), func.max(marks.c.updated_at)),
        rows=whole.where(whose == bindparam("whose")),
        of_feed=select(_as_one_text(of_this)).scalar_subquery(),
    )


def _as_one_text(marks: Subquery) -> ColumnElement[str]:
    joined = func.aggregate_strings(marks.c.mark, LINE)  # type: ignore[arg-type]
    return func.coalesce(joined, "")


ROLE = _sessions_where(_sessions.c.card_role, null(), _sessions.c.in_house.is_(False))
TRAINER = _sessions_where(_sessions.c.trainer_id, _feeds.c.person_id)
CANDIDATE = _bookings_where(_of_a_booking, _bookings.c.candidate_id, _feeds.c.person_id)
RESITS = _resits_where(_bookings.c.candidate_id, _feeds.c.person_id)
_named = _of_a_booking + DOT + _people.c.full_name
COMPANY = _bookings_where(_named, _bookings.c.company_id, _feeds.c.company_id)
SITE = _bookings_where(_named, _bookings.c.site_id, _feeds.c.site_id)
# The marks of whichever feed the row is of.
OF_ANY_FEED = case(
    (_feeds.c.site_id.is_not(None), SITE.of_feed),
    (_feeds.c.company_id.is_not(None), COMPANY.of_feed),
    (_feeds.c.kind == FeedKind.TRAINER, TRAINER.of_feed),
    else_=CANDIDATE.of_feed + LINE + RESITS.of_feed,
)
