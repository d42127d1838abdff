"""Whose private feed somebody may make or revoke."""

from dataclasses import dataclass

from ecs_training.accounts.access import current_company_id, who
from ecs_training.accounts.rules import Role
from ecs_training.calendar_feeds.rules.feeds import FeedKind
from ecs_training.foundation.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A kind of feed, and whose it is: a person's or a company's."""

    kind: FeedKind
    person_id: int | None = None
    company_id: int | None = None


def feed_owner(kind: str) -> Owner:
    """Return the owner of the signed-in person's feed of that kind.

    NotFound for an unknown kind, a trainer's feed to others than trainers, and a company's
    to whoever books for none.
    """
    if kind == FeedKind.COMPANY:
        return Owner(kind=FeedKind.COMPANY, company_id=current_company_id())
    if kind == FeedKind.TRAINER and Role.TRAINER in who().roles:
        return Owner(kind=FeedKind.TRAINER, person_id=who().person_id)
    if kind == FeedKind.CANDIDATE:
        return Owner(kind=FeedKind.CANDIDATE, person_id=who().person_id)
    raise NotFound
