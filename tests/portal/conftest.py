"""Two candidates, a company and a trainer, for pages that several slices share."""

from dataclasses import dataclass

import pytest

from ecs_training.accounts.models import Company, Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from tests.conftest import MovableClock
from tests.factories import make_company, make_person


@dataclass(frozen=True)
class Town:
    """Everybody signs in as <name>@example.org. Olga is a stranger to all others."""

    marta: Person
    olga: Person
    boss: Person
    trainer: Person
    staff: Person
    company: Company


@pytest.fixture
def town(database: Database, clock: MovableClock) -> Town:
    with database.transaction() as db:
        boss = make_person(db, "boss", now=clock())
        return Town(
            marta=make_person(db, "marta", now=clock()),
            olga=make_person(db, "olga", now=clock()),
            boss=boss,
            trainer=make_person(db, "trainer", now=clock(), role=Role.TRAINER),
            staff=make_person(db, "staff", now=clock(), role=Role.STAFF),
            company=make_company(db, boss, now=clock()),
        )
