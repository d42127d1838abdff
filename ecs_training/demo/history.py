"""Three people who passed before the demo began: one pass is valid, one expired, one revoked."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import SignIn
from ecs_training.accounts.services.signing_in import start_sign_in
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.rules.sittings import (
    CLOSING_DECLARATION,
    OPENING_DECLARATION,
)
from ecs_training.assessment.rules.writing import Write, to_shown_letter
from ecs_training.assessment.services.attempts import start_attempt
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.responses import save_response
from ecs_training.assessment.services.sittings import close_sitting, open_sitting
from ecs_training.booking.services import book_seat
from ecs_training.demo.courses import ENDS, JOINING_URL, STARTS, admit
from ecs_training.demo.people import HOLDERS, OTHER_TRAINERS, STAFF, Cast
from ecs_training.foundation.london import london_date, to_utc
from ecs_training.foundation.references import hash_token
from ecs_training.passes.models import Pass
from ecs_training.passes.services import revoke_pass
from ecs_training.questions.rules import Blueprint
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import add_course_session

DAYS_AGO = {"valid": 180, "expired": 1000, "revoked": 300}
MISTAKES = 4  # of 50: a pass that nobody would call invented


def remember_passes(
    db: Session, cast: Cast, *, blueprint: Blueprint, now: datetime
) -> dict[str, str]:
    """Return the token of each pass, earned and revoked through the services of its day."""
    tokens = {}
    for email, (state, days) in zip(HOLDERS, DAYS_AGO.items(), strict=True):
        person_id = cast.ids[email]
        held = db.scalars(select(Pass).where(Pass.person_id == person_id)).first()
        on = london_date(now - timedelta(days=days))
        token = held.token if held else _earn(db, cast, email, blueprint, on)
        if state == "revoked" and (held is None or held.revoked_at is None):
            revoke_pass(
                db,
                token=token,
                reason="The assessment was sat by somebody else.",
                revoked_by_id=cast.ids[STAFF],
                now=now - timedelta(days=30),
            )
        tokens[state] = token
    return tokens


def _earn(
    db: Session,
    cast: Cast,
    email: str,
    blueprint: Blueprint,
    on: date,
) -> str:
    early, late = to_utc(on, STARTS) - timedelta(days=3), to_utc(on, ENDS)
    trainer_id = cast.ids[OTHER_TRAINERS[0]]
    course_session = _teach(db, cast, trainer_id, on, early)
    _attend(db, cast.ids[email], course_session, (early, late - timedelta(hours=1)))
    sitting = open_sitting(
        db,
        course_session_ref=course_session.ref,
        trainer_id=trainer_id,
        invigilator_id=trainer_id,
        declaration=OPENING_DECLARATION,
        blueprint=blueprint,
        now=late - timedelta(minutes=50),
    )
    token = _sit(
        db,
        person_id=cast.ids[email],
        sitting_ref=sitting.ref,
        blueprint=blueprint,
        now=late - timedelta(minutes=45),
    )
    close_sitting(
        db,
        course_session_ref=course_session.ref,
        trainer_id=trainer_id,
        closed_by_id=trainer_id,
        declaration=CLOSING_DECLARATION,
        now=late,
    )
    return token


def _attend(
    db: Session,
    person_id: int,
    course_session: CourseSession,
    booked_and_admitted: tuple[datetime, datetime],
) -> None:
    booked_at, admitted_at = booked_and_admitted
    booking = book_seat(
        db,
        course_session_ref=course_session.ref,
        candidate_id=person_id,
        booked_by_id=person_id,
        company_id=None,
        in_house=True,
        now=booked_at,
    )
    admit(db, booking.id, course_session.trainer_id, admitted_at)


def _teach(
    db: Session, cast: Cast, trainer_id: int, on: date, published_at: datetime
) -> CourseSession:
    return add_course_session(
        db,
        card_role="labourer",
        local_date=on,
        local_start=STARTS,
        local_end=ENDS,
        capacity=12,
        trainer_id=trainer_id,
        in_house=True,
        joining_url=JOINING_URL,
        added_by_id=cast.ids[STAFF],
        now=published_at,
    )


def _sit(
    db: Session,
    *,
    person_id: int,
    sitting_ref: str,
    blueprint: Blueprint,
    now: datetime,
) -> str:
    """Answer a paper through the saving service, all but a few rightly; return the pass."""
    token = start_sign_in(db, person_id=person_id, now=now)
    db.flush()
    sign_in_id = db.scalars(
        select(SignIn.id).where(SignIn.token_hash == hash_token(token))
    ).one()
    attempt = start_attempt(
        db,
        sitting_ref=sitting_ref,
        person_id=person_id,
        sign_in_id=sign_in_id,
        blueprint=blueprint,
        now=now,
    )
    _answer(db, attempt, token, now)
    finish_attempt(db, attempt_id=attempt.id, now=now + timedelta(minutes=20))
    return db.scalars(select(Pass.token).where(Pass.attempt_id == attempt.id)).one()


def _answer(db: Session, attempt: Attempt, token: str, now: datetime) -> None:
    paper = db.scalars(
        select(Response)
        .where(Response.attempt_id == attempt.id, Response.n > MISTAKES)
        .order_by(Response.n)
    ).all()
    for response in paper:
        answered_at = now + timedelta(seconds=20 * response.n)
        write = Write(
            option=to_shown_letter(response.key, response.option_order),
            flagged=False,
            seq=response.n,
            lease=attempt.lease,
            age=timedelta(0),
        )
        save_response(
            db,
            token_hash=hash_token(token),
            attempt_ref=attempt.ref,
            n=response.n,
            write=write,
            received=answered_at,
            grace=timedelta(0),
        )
