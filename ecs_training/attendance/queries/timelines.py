"""The minutes of a date: everybody on the register, with what the reports say of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.attendance.models import AttendanceMark, Countersignature
from ecs_training.attendance.queries.register import standing_marks
from ecs_training.attendance.queries.reports import (
    ReportLine,
    find_signature,
    list_reports,
    list_rulings,
    list_stays,
)
from ecs_training.attendance.rules.matching import (
    Expected,
    Ground,
    Seen,
    match_people,
)
from ecs_training.attendance.rules.stays import Stay
from ecs_training.attendance.rules.timelines import (
    Span,
    TimeThere,
    as_bars,
    digest_of,
    measure_time,
)
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import list_register
from ecs_training.scheduling.models import CourseSession, Meeting
from ecs_training.scheduling.queries import get_course_session_of
from ecs_training.scheduling.queries.meetings import find_meeting
from ecs_training.scheduling.rules.meetings import MeetingState, judge_meeting


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """One person on the register, with when they were there and as whom they came."""

    booking: Booking
    mark: AttendanceMark | None
    there: TimeThere
    seen_as: tuple[Seen, ...]

    @property
    def proposed(self) -> bool:
        """Whether the minutes are enough, and nobody has marked them yet."""
        return self.there.enough and self.mark is None


@dataclass(frozen=True, kw_only=True)
class DayMinutes:
    course_session: CourseSession
    meeting: Meeting | None
    reports: Sequence[ReportLine]
    people: tuple[Minutes, ...]
    seen: tuple[Seen, ...]
    digest: str
    signature: Countersignature | None
    signed_by: Person | None

    @property
    def standing(self) -> int:
        """How many reports count."""
        return sum(line.report.withdrawn_at is None for line in self.reports)

    @property
    def undecided(self) -> tuple[Seen, ...]:
        return tuple(each for each in self.seen if each.ground is Ground.OPEN)

    @property
    def proposed(self) -> tuple[Minutes, ...]:
        return tuple(each for each in self.people if each.proposed)

    @property
    def signature_is_stale(self) -> bool:
        return self.signature is not None and self.signature.digest != self.digest

    @property
    def course(self) -> Span:
        return self.course_session.starts_at, self.course_session.ends_at

    @property
    def meeting_state(self) -> MeetingState:
        if self.meeting is None:
            return MeetingState.BY_HAND
        return judge_meeting(
            up_to_date=self.meeting.made == self.meeting.wanted,
            failing=self.meeting.problem_since is not None,
            exists=self.meeting.graph_id is not None,
        )

    def bars_of(self, person: Minutes) -> tuple[tuple[float, float], ...]:
        """Return a person's stays as bars: where each begins and how long, in per cent."""
        return as_bars(person.there.spans, course=self.course)


def read_minutes(db: Session, *, ref: str, trainer_id: int | None) -> DayMinutes:
    """Raise NotFound for another trainer's date; None stands for staff, who see any."""
    course_session = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    return minutes_of(db, course_session, course_session.trainer)


def minutes_of(
    db: Session, course_session: CourseSession, trainer: Person
) -> DayMinutes:
    """Put together what the reports of a date that stand say of everybody."""
    at = course_session.id
    bookings = list_register(db, course_session_id=at)
    stays = list_stays(db, course_session_id=at)
    course = (course_session.starts_at, course_session.ends_at)
    seen = match_people(
        stays,
        expected=[_expect(each.ref, each.candidate) for each in bookings],
        trainer=_expect("", trainer),
        rulings=list_rulings(db, course_session_id=at),
    )
    present = _present(bookings, stays, seen, course)
    marks = standing_marks(db, booking_ids=[each.id for each in bookings])
    signature = find_signature(db, course_session_id=at)
    return DayMinutes(
        course_session=course_session,
        meeting=find_meeting(db, course_session_id=at),
        reports=list_reports(db, course_session_id=at),
        people=tuple(
            Minutes(
                booking=each,
                mark=marks.get(each.id),
                there=present[each.ref],
                seen_as=tuple(one for one in seen if one.ref == each.ref),
            )
            for each in bookings
        ),
        seen=tuple(seen),
        digest=digest_of(present, seen, course=course),
        signature=signature[0] if signature else None,
        signed_by=signature[1] if signature else None,
    )


def _present(
    bookings: Sequence[Booking],
    stays: Sequence[Stay],
    seen: Sequence[Seen],
    course: Span,
) -> dict[str, TimeThere]:
    """Return when everybody on the register was there, by reference."""
    whose = {each.identity: each.ref for each in seen if each.ref}
    return {
        booking.ref: measure_time(
            (stay for stay in stays if whose.get(stay.identity) == booking.ref),
            course=course,
        )
        for booking in bookings
    }


def _expect(ref: str, person: Person) -> Expected:
    return Expected(ref=ref, name=person.full_name, email=person.email)


def word_minutes_state(db: Session, course_session: CourseSession) -> str:
    """Say on the register, in a few words, how far the minutes of a date are."""
    reports = list_reports(db, course_session_id=course_session.id)
    standing = sum(line.report.withdrawn_at is None for line in reports)
    if not standing:
        return "No report yet"
    if find_signature(db, course_session_id=course_session.id) is None:
        reports_in_words = "1 report" if standing == 1 else f"{standing} reports"
        return f"{reports_in_words}, not signed"
    minutes = minutes_of(db, course_session, course_session.trainer)
    return "Signed, but changed since" if minutes.signature_is_stale else "Signed"
