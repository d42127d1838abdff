"""Whose attempt a page is about, and whether there is still anything to answer."""

from datetime import timedelta

from flask import abort, current_app, redirect, url_for

from ecs_training.accounts.access import who
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    get_own_attempt,
)
from ecs_training.assessment.rules.timing import NO_GRACE, is_over
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.holding import is_held
from ecs_training.assessment.services.papers import current_blueprint
from ecs_training.assessment.services.presence import Signs
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.web import now, reading, settings, transaction
from ecs_training.questions.rules import Blueprint


def transport_grace() -> timedelta:
    return timedelta(seconds=settings().transport_grace_seconds)


def blueprint() -> Blueprint:
    return current_blueprint(settings().question_bank)


def signs() -> Signs:
    """Return the signs of life that this process has not written yet."""
    kept: Signs = current_app.extensions.setdefault("signs_of_life", Signs())
    return kept


def visit_attempt(ref: str, *, patience: timedelta = NO_GRACE) -> Attempt:
    """Return the person's own attempt; NotFound for anybody else's.

    One that has been out of time for longer than `patience` is finished first, whether or
    not the recurring job has come to it.
    """
    moment = now()
    with reading() as db:
        attempt = get_own_attempt(db, ref=ref, person_id=who().person_id)
    if attempt.finished_at or not is_over(
        deadline=attempt.deadline_at(moment), now=moment, grace=patience
    ):
        return attempt
    with transaction() as db:
        return finish_attempt(db, attempt_id=attempt.id, now=moment)


def open_attempt(ref: str) -> Attempt:
    """Return the person's own attempt if it is still open; else lead to its result."""
    attempt = visit_attempt(ref)
    if attempt.finished_at:
        abort(redirect(url_for("portal.show_result", ref=ref), 303))
    return attempt


def running_attempt(ref: str) -> Attempt:
    """Return the same; NotFound while its clock stands still, when nothing may be seen."""
    attempt = open_attempt(ref)
    if is_held(attempt, now()):
        raise NotFound
    return attempt


def holds_lease(attempt: Attempt) -> bool:
    """Say whether this sign-in is the one that may write."""
    return attempt.lease_sign_in_id == who().sign_in_id
