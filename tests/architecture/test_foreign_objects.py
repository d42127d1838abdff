"""Another person's things are not there: every address that names one, for every role.

Walks the URL map over the demo's people, so a new route is judged on the day it is added.
"""

import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import CompanySite, Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.accounts.services.sites import add_site
from ecs_training.assessment.models import Attempt, Rescore, Sitting
from ecs_training.assessment.rules.marking import Ruling
from ecs_training.assessment.services.rescoring import (
    Decision,
    rehearse_rescore,
    rescore,
)
from ecs_training.attendance.models import MeetingReport
from ecs_training.attendance.rules import ReportSource
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.services import make_site_feed
from ecs_training.card_applications.models import CardApplication, LineEvidence
from ecs_training.card_applications.services.applying import (
    attach_evidence,
    open_application,
)
from ecs_training.catalogue.rules import Region
from ecs_training.demo.data import set_up
from ecs_training.exemptions.models import ExemptionEvidence
from ecs_training.exemptions.services import claim_exemption
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.foundation.uploads import CleanFile, clean_upload
from ecs_training.invigilation.models import Appeal, RoomRequest
from ecs_training.invigilation.rules import RoomAction
from ecs_training.questions.models import Item, ItemPicture, ItemRevision, Recall
from ecs_training.questions.queries.recalls import list_cited_sources
from ecs_training.questions.services.plans import read_plan
from ecs_training.questions.services.recalling import recall_source, rehearse_recall
from ecs_training.scheduling.models import (
    BusyCalendar,
    Closure,
    CourseSession,
    Holiday,
    Meeting,
    PlanException,
    Swap,
    TimetableQuestion,
    TrainerLeave,
    WeeklyPlan,
)
from ecs_training.scheduling.rules import QuestionKind
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_company, make_person

# These name nobody's own thing: public pages, or a role whose page is the reader's own.
NOT_ABOUT_SOMEBODY = {
    "static",
    "accounts.choose_password",
    "accounts.show_confirm_email",
    "accounts.use_confirm_email",
    "assessment.show_practice",
    "assessment.start_practice",
    "booking.create_booking",
    "booking.show_course",
    "booking.show_course_session",
    "calendar_feeds.make_feed",
    "calendar_feeds.revoke_feed",
    "calendar_feeds.show_embedded_dates",
    "calendar_feeds.show_role_feed",
    "portal_trainer.show_day",
    "card_applications.edit_confirmation",
    "card_applications.edit_evidence",
    "card_applications.show_application",
    "card_applications.submit",
    "card_applications.withdraw",
    "verification.show_pass",
    "verification.show_pass_json",
}


def _picture() -> CleanFile:
    drawn = io.BytesIO()
    Image.new("RGB", (20, 20)).save(drawn, "PNG")
    return clean_upload(drawn.getvalue(), file_name="scan.png")


def _rescore(db: Session, item: Item, *, staff_id: int, now: datetime) -> Rescore:
    revision_id = db.scalars(
        select(ItemRevision.id).where(ItemRevision.item_id == item.id)
    ).one()
    withdrawn = Ruling(new_key=None)
    plan = rehearse_rescore(db, revision_id=revision_id, ruling=withdrawn)
    return rescore(
        db,
        code=item.code,
        revision=item.live_revision or 0,
        ruling=withdrawn,
        decision=Decision(
            reason="it had two right answers",
            take_passes_of=[],
            digest=plan.digest,
            by_id=staff_id,
        ),
        now=now,
    )


def _recall(db: Session, *, folder: Path, staff_id: int, now: datetime) -> Recall:
    cited = list_cited_sources(db)
    source = min(cited, key=lambda name: cited[name])
    blueprints = read_plan(folder).blueprints
    planned = rehearse_recall(db, source=source, blueprints=blueprints)
    return recall_source(
        db,
        source=source,
        reason="It was replaced.",
        digest=planned.digest,
        blueprints=blueprints,
        made_by_id=staff_id,
        now=now,
    )


def _site_with_calendar(
    db: Session, member: Person, *, now: datetime
) -> tuple[CompanySite, PrivateFeed]:
    company = make_company(db, member, now=now)
    of_company = {"company_id": company.id, "by_id": member.id}
    site = add_site(db, name="Leeds depot", now=now, **of_company)
    make_site_feed(db, ref=site.ref, now=now, **of_company)
    found = select(PrivateFeed).where(PrivateFeed.site_id == site.id)
    return site, db.scalars(found).one()


def _trainers_time(
    db: Session, owner: Person, course_session: CourseSession, now: datetime
) -> tuple[TrainerLeave, BusyCalendar, Swap]:
    """Make the owner a trainer as well, with leave, a calendar and a date asked of them."""
    db.add(RoleGrant(person_id=owner.id, role=Role.TRAINER, granted_at=now))
    another = make_person(db, now=now, role=Role.TRAINER)
    time_off = TrainerLeave(
        trainer_id=owner.id,
        first_on=now.date(),
        last_on=now.date(),
        note="",
        added_at=now,
        added_by_id=owner.id,
    )
    own_calendar = BusyCalendar(trainer_id=owner.id, label="Own", added_at=now)
    swap = Swap(
        course_session_id=course_session.id,
        from_id=another.id,
        to_id=owner.id,
        note="",
        asked_at=now,
    )
    db.add_all([time_off, own_calendar, swap])
    db.flush()
    return time_off, own_calendar, swap


def _days_of(
    db: Session, plan: WeeklyPlan, *, by_id: int, now: datetime
) -> tuple[PlanException, TimetableQuestion]:
    """Leave out a day of a plan, and ask about another."""
    day = plan.first_on + timedelta(weeks=1)
    left_out = PlanException(
        plan_id=plan.id, day=day, reason="fair", added_at=now, added_by_id=by_id
    )
    question = TimetableQuestion(
        kind=QuestionKind.HOLIDAY_ON_PLAN, plan_id=plan.id, day=day, raised_at=now
    )
    db.add_all([left_out, question])
    db.flush()
    return left_out, question


@pytest.fixture
def owned(
    database: Database, clock: MovableClock, settings: Settings
) -> dict[str, dict[str, Any]]:
    """Somebody with one of everything: what to put in an address, by its beginning."""
    facts = set_up(database, clock, settings)
    now = clock()
    with database.transaction() as db:
        owner = db.scalars(
            select(Person).where(Person.email == "valid.pass@example.org")
        ).one()
        booking = db.scalars(
            select(Booking).where(Booking.candidate_id == owner.id)
        ).one()
        attempt = db.scalars(select(Attempt).where(Attempt.person_id == owner.id)).one()
        course_session = db.get_one(CourseSession, booking.course_session_id)
        sitting = db.get_one(Sitting, attempt.sitting_id)
        adjustment = Adjustment(
            booking_id=booking.id, needs="time", asked_at=now, asked_by_id=owner.id
        )
        db.add(adjustment)
        db.flush()
        claim = claim_exemption(
            db,
            person_id=owner.id,
            qualification="iosh-managing-safely",
            certificate_number="4417",
            awarded_on=now.date() - timedelta(days=100),
            expires_on=None,
            evidence=_picture(),
            now=now,
        )
        open_application(
            db,
            person_id=owner.id,
            card_role="labourer",
            region=Region.ENGLAND_WALES_NI,
            now=now,
        )
        attach_evidence(
            db,
            person_id=owner.id,
            card_role="labourer",
            line_id="photo",
            file=_picture(),
            now=now,
        )
        db.flush()
        line_evidence = db.scalars(select(LineEvidence)).one()
        plan = db.scalars(select(WeeklyPlan)).first()
        assert plan
        left_out, question = _days_of(db, plan, by_id=owner.id, now=now)
        site, feed = _site_with_calendar(db, owner, now=now)
        claim_evidence = db.scalars(select(ExemptionEvidence.ref)).one()
        item = db.scalars(select(Item)).first()
        assert item
        assert item.live_revision
        report = MeetingReport(
            course_session_id=course_session.id,
            source=ReportSource.GRAPH,
            source_id="1",
            received_at=now,
        )
        meeting = Meeting(
            course_session_id=course_session.id,
            external_id="1",
            organiser="1",
            created_at=now,
        )
        db.add_all([report, meeting])
        asked = RoomRequest(
            sitting_id=sitting.id,
            attempt_id=attempt.id,
            action=RoomAction.VOID,
            reason="helped",
            asked_at=now,
            asked_by_id=sitting.invigilator_id,
        )
        appeal = Appeal(attempt_id=attempt.id, words="There was noise.", made_at=now)
        db.add_all([asked, appeal])
        db.flush()
        time_off, own_calendar, swap = _trainers_time(db, owner, course_session, now)
        rescored = _rescore(db, item, staff_id=sitting.invigilator_id, now=now)
        recalled = _recall(
            db, folder=settings.question_bank, staff_id=owner.id, now=now
        )
        return {
            "/attempts/": {"ref": attempt.ref},
            "/bookings/": {"ref": booking.ref},
            "/calendars/": {"token": "0" * 26},
            "/card-applications/": {
                "role": "labourer",
                "evidence_ref": line_evidence.ref,
            },
            "/company/calendar-feeds/": {"ref": feed.ref},
            "/company/sites/": {"ref": site.ref},
            "/certificates/": {"token": facts["passes"]["valid"]},  # type: ignore[index]
            "/exemptions/": {"ref": claim.ref, "evidence_ref": claim_evidence},
            "/sittings/": {"ref": sitting.ref},
            "/staff/calendar-feeds/": {"ref": feed.ref},
            "/staff/card-applications/": {
                "ref": db.get_one(CardApplication, line_evidence.application_id).ref,
                "evidence_ref": line_evidence.ref,
            },
            "/staff/course-sessions/": {"ref": course_session.ref, "kind": "time"},
            "/staff/exemptions/": {"ref": claim.ref, "evidence_ref": claim_evidence},
            "/staff/questions/": {
                "code": item.code,
                "revision": item.live_revision,
                "ref": recalled.ref,
                "sha256": db.scalars(select(ItemPicture.sha256)).first(),
            },
            "/staff/rescores/": {"ref": rescored.ref},
            "/staff/statistics/": {"code": item.code},
            "/staff/passes/": {"token": facts["passes"]["valid"]},  # type: ignore[index]
            "/staff/weekly-plans/": {"ref": plan.ref, "day": left_out.day},
            "/staff/timetable/closures/": {
                "ref": db.scalars(select(Closure.ref)).first()
            },
            "/staff/timetable/holidays/": {
                "ref": db.scalars(select(Holiday.ref)).first()
            },
            "/staff/timetable/questions/": {"ref": question.ref},
            "/staff/adjustments/": {"ref": adjustment.ref},
            "/staff/appeals/": {"ref": appeal.ref},
            "/staff/attempts/": {"ref": attempt.ref},
            "/staff/trainers/": {
                "ref": owner.ref,
                "leave_ref": time_off.ref,
                "calendar_ref": own_calendar.ref,
            },
            "/trainer/time/": {
                "leave_ref": time_off.ref,
                "calendar_ref": own_calendar.ref,
            },
            "/trainer/swaps/": {"ref": swap.ref},
            "/trainer/sittings/": {
                "ref": sitting.ref,
                "request_ref": asked.ref,
                "deed": "void",
            },
            "/trainer/course-sessions/": {
                "ref": course_session.ref,
                "booking_ref": booking.ref,
                "attempt_ref": attempt.ref,
                "report_ref": report.ref,
            },
        }


def _may(role: str, path: str) -> bool:
    """Say whether the path is this role's work: staff review, and stand in for trainers.

    Any trainer who is sent a request may be the second person who decides it. What trainers
    ask each other, and the page of one's own time, is theirs alone.
    """
    if path.endswith("/swap") or path.startswith(("/trainer/swaps/", "/trainer/time/")):
        return False
    if role == "trainer" and re.search("^/trainer/sittings/.*/requests/", path):
        return True
    return role == "staff" and path.startswith(("/staff/", "/trainer/"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_another_persons_things_are_not_there(
    app: Flask, owned: dict[str, dict[str, Any]]
) -> None:
    addresses = app.url_map.bind("localhost")
    people = ("candidate", "trainer", "company", "staff")
    visitors = {role: Visitor(app) for role in people}
    for role, visitor in visitors.items():
        page = visitor.sign_in(f"{role}@example.org", "demo-only-password", follow=True)
        assert "Sign out" in page.text
    seen, wrong = 0, []
    for rule in app.url_map.iter_rules():
        if not rule.arguments or rule.endpoint in NOT_ABOUT_SOMEBODY:
            continue
        (values,) = [owned[start] for start in owned if str(rule).startswith(start)]
        filled = {name: values.get(name, 1) for name in rule.arguments}
        path = addresses.build(rule.endpoint, filled)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            for role, visitor in visitors.items():
                answer = visitor.client.open(
                    path, method=method, headers={"X-CSRFToken": visitor.token()}
                )
                seen += 1
                found = answer.status_code != 404
                if found is not _may(role, path):
                    wrong.append(f"{role} {method} {path}: {answer.status_code}")
    assert wrong == []
    assert seen > 100


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_owner_does_see_them(app: Flask, owned: dict[str, dict[str, Any]]) -> None:
    owner = Visitor(app)
    owner.sign_in("valid.pass@example.org", "demo-only-password")
    for path in (
        f"/bookings/{owned['/bookings/']['ref']}",
        f"/attempts/{owned['/attempts/']['ref']}/result.json",
        f"/certificates/{owned['/certificates/']['token']}",
        f"/exemptions/{owned['/exemptions/']['ref']}",
        "/exemptions/{ref}/evidence/{evidence_ref}".format(**owned["/exemptions/"]),
        "/card-applications/{role}/evidence/{evidence_ref}".format(
            **owned["/card-applications/"]
        ),
    ):
        assert owner.open(path).status_code == 200, path
