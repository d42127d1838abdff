"""Letters about somebody's account. A stranger may have typed the address: they repeat
nothing that was typed, or spam could be sent through us."""

from sqlalchemy.orm import Session

from ecs_training.accounts.events import (
    LinkRequested,
    PasswordChanged,
    RegisteredAgain,
)
from ecs_training.accounts.queries import get_person
from ecs_training.accounts.rules import LINK_LASTS, LinkPurpose
from ecs_training.foundation.references import hash_token
from ecs_training.notifications.rules import word_length
from ecs_training.notifications.services.letters import queue_letter

TEMPLATES = {
    LinkPurpose.CONFIRM_EMAIL: "confirm_email",
    LinkPurpose.RESET_PASSWORD: "reset_password",
    LinkPurpose.INVITATION: "invitation",
}


def queue_link(db: Session, event: LinkRequested) -> None:
    """Send a one-time link to the owner of the address."""
    person = get_person(db, person_id=event.person_id)
    purpose = LinkPurpose(event.purpose)
    queue_letter(
        db,
        key=f"link/{hash_token(event.token)}",
        to=person.email,
        person_id=person.id,
        template=TEMPLATES[purpose],
        now=event.occurred_at,
        holds_one_time_link=True,
        token=event.token,
        lasts=word_length(LINK_LASTS[purpose]),
    )


def queue_registered_again(db: Session, event: RegisteredAgain) -> None:
    """Tell the owner of an address that has an account already, at most once an hour."""
    person = get_person(db, person_id=event.person_id)
    queue_letter(
        db,
        key=f"registered-again/{person.ref}/{event.occurred_at:%Y%m%d%H}",
        to=person.email,
        person_id=person.id,
        template="registered_again",
        now=event.occurred_at,
    )


def queue_password_changed(db: Session, event: PasswordChanged) -> None:
    person = get_person(db, person_id=event.person_id)
    queue_letter(
        db,
        key=f"password-changed/{person.ref}/{event.occurred_at.isoformat()}",
        to=person.email,
        person_id=person.id,
        template="password_changed",
        now=event.occurred_at,
        changed_at=event.occurred_at,
    )
