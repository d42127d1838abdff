from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import as_typed
from ecs_training.passes.models import Pass
from ecs_training.passes.rules import word_what


def find_pass(db: Session, *, token: str) -> Pass | None:
    """Return the pass with this code, however it was typed; None for any other text."""
    return db.scalars(select(Pass).where(Pass.token == as_typed(token))).one_or_none()


def get_pass(db: Session, *, token: str) -> Pass:
    """Return any pass with its person loaded, for staff; NotFound if there is none."""
    found = db.scalars(
        select(Pass)
        .where(Pass.token == as_typed(token))
        .options(joinedload(Pass.person))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_own_pass(db: Session, *, token: str, person_id: int) -> Pass:
    """Return a pass of this person; anybody else's is NotFound."""
    found = db.scalars(
        select(Pass).where(Pass.token == as_typed(token), Pass.person_id == person_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_pass_of_attempt(db: Session, *, attempt_id: int) -> Pass | None:
    return db.scalars(select(Pass).where(Pass.attempt_id == attempt_id)).one_or_none()


def find_best_pass(db: Session, *, person_id: int, on: date) -> Pass | None:
    """Return the pass that holds longest of those that are good on that day, or None.

    Whichever course it was earned on: a pass counts for each of our five roles.
    """
    return db.scalars(
        select(Pass)
        .where(
            Pass.person_id == person_id,
            Pass.revoked_at.is_(None),
            Pass.valid_until >= on,
        )
        .order_by(Pass.valid_until.desc(), Pass.id.desc())
        .limit(1)
    ).one_or_none()


def list_passes(db: Session, *, person_id: int) -> Sequence[Pass]:
    """Return every pass of a person, newest first, revoked and expired ones included."""
    return db.scalars(
        select(Pass)
        .where(Pass.person_id == person_id)
        .order_by(Pass.awarded_on.desc(), Pass.id.desc())
    ).all()


def search_passes(db: Session, *, words: str, limit: int) -> Sequence[Pass]:
    """Return the newest passes whose holder, e-mail address or code has `words` in it.

    The name looked for is the one on the pass and the one the person has now. A code must
    be whole. No words: the newest of all. Their people are loaded.
    """
    query = (
        select(Pass)
        .join(Person, Person.id == Pass.person_id)
        .options(joinedload(Pass.person))
        .order_by(Pass.created_at.desc(), Pass.id.desc())
        .limit(limit)
    )
    if words:
        query = query.where(
            or_(
                Pass.holder.icontains(words, autoescape=True),
                Person.full_name.icontains(words, autoescape=True),
                Person.email.icontains(words, autoescape=True),
                Pass.token == as_typed(words),
            )
        )
    return db.scalars(query).all()


def word_pass(passed: Pass) -> str:
    """Word what a pass is for, with the role's name as the scheme has it now."""
    role = scheme().role(passed.card_role)
    return word_what(role.name if role else passed.card_role)
