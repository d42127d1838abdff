"""Sign-ins as rows: started, ended, and refused after too many wrong guesses."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ecs_training.accounts.models import FailedSignIn, Person, SignIn
from ecs_training.accounts.queries import count_wrong_guesses
from ecs_training.accounts.rules import (
    GUESSES_COUNT_FOR,
    SIGNED_IN_FOR,
    SignInRefusal,
    why_not_sign_in,
)
from ecs_training.foundation.references import hash_token, new_token


def record_sign_in(
    db: Session,
    *,
    email: str,
    address: str,
    person: Person | None,
    password_right: bool,
    now: datetime,
) -> tuple[SignInRefusal | None, str | None]:
    """Count a wrong guess, or start a sign-in. Returns (why refused, the new token).

    The refusal is a value here, not a raised Refused: raising would roll back the count.
    """
    wrong, wrong_from_address = count_wrong_guesses(
        db, email=email, address=address, since=now - GUESSES_COUNT_FOR
    )
    refusal = why_not_sign_in(
        password_right=password_right,
        wrong_guesses=wrong,
        wrong_from_address=wrong_from_address,
    )
    if refusal is SignInRefusal.WRONG:
        db.add(FailedSignIn(email=email, address=address, failed_at=now))
    if refusal or person is None:
        return refusal or SignInRefusal.WRONG, None
    return None, start_sign_in(db, person_id=person.id, now=now)


def start_sign_in(db: Session, *, person_id: int, now: datetime) -> str:
    """Return the secret that the cookie holds; only its hash is stored."""
    token = new_token()
    db.add(
        SignIn(
            token_hash=hash_token(token),
            person_id=person_id,
            started_at=now,
            expires_at=now + SIGNED_IN_FOR,
        )
    )
    return token


def end_sign_in(db: Session, *, sign_in_id: int, now: datetime) -> None:
    """End one sign-in: a copy of its cookie is worth nothing from now on."""
    db.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_sign_ins(db: Session, *, person_id: int, now: datetime) -> None:
    db.execute(
        update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
