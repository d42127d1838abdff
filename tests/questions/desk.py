"""Three members of staff with a bank of six live questions, and what they do to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import Item, ItemReading, ItemRevision
from ecs_training.questions.queries import live_items
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.services import load_bank
from ecs_training.questions.services.plans import BankPlan, read_plan
from ecs_training.questions.services.reviewing import approve, read_revision
from ecs_training.questions.services.writing import add_item, save_revision
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.questions.banks import write_bank

BOOTS = ItemDraft(
    stem="Your safety boots have a hole in the sole. What should you do first?",
    options={
        "a": "Put tape over the hole",
        "b": "Report it and get new boots",
        "c": "Wear two pairs of socks",
        "d": "Work on dry ground only",
    },
    key="b",
    rationale="Damaged boots protect nobody, so they are replaced. Tape stops no nail.",
    source="eawr-1989",
    clause="reg 4(4)",
    checked_on=date(2026, 3, 1),
    difficulty=0.85,
)
GLOVES = replace(
    BOOTS, stem="A seam of your gloves is torn open. What should you do with them now?"
)


@dataclass
class Desk:
    """`ann`, `ben` and `cy` are staff, by person id; each signs in as <name>@example.org."""

    database: Database
    clock: MovableClock
    folder: Path
    ann: int = field(init=False)
    ben: int = field(init=False)
    cy: int = field(init=False)

    def open(self) -> None:
        with self.database.transaction() as db:
            load_bank(db, folder=write_bank(self.folder), now=self.clock())
            self.ann, self.ben, self.cy = (
                make_person(db, name, now=self.clock(), role=Role.STAFF).id
                for name in ("ann", "ben", "cy")
            )

    @property
    def plan(self) -> BankPlan:
        return read_plan(self.folder)

    @property
    def now(self) -> datetime:
        return self.clock()

    def write(
        self,
        draft: ItemDraft = BOOTS,
        *,
        by: int = 0,
        submit: bool = True,
        topic: str = "fire",
    ) -> str:
        """Add an item and return its code."""
        with self.database.transaction() as db:
            return add_item(
                db,
                topic=topic,
                draft=draft,
                submit=submit,
                written_by_id=by or self.ann,
                now=self.clock(),
            ).code

    def reword(
        self,
        code: str,
        *,
        by: int = 0,
        submit: bool = True,
        based_on: int = 0,
        draft: ItemDraft = GLOVES,
        **changes: Any,
    ) -> int:
        """Add a wording after the newest one and return its number."""
        with self.database.transaction() as db:
            based_on = based_on or self.revision(code, db=db).revision
            return save_revision(
                db,
                code=code,
                draft=replace(draft, **changes),
                based_on=based_on,
                submit=submit,
                written_by_id=by or self.ann,
                now=self.clock(),
            ).revision

    def read(
        self,
        code: str,
        number: int = 1,
        *,
        by: int = 0,
        picked: str = "b",
        defensible: Iterable[str] = (),
        note: str = "",
    ) -> ItemReading:
        with self.database.transaction() as db:
            return read_revision(
                db,
                code=code,
                number=number,
                picked=picked,
                defensible=list(defensible),
                note=note,
                reader_id=by or self.ben,
                now=self.clock(),
            )

    def approve(self, code: str, number: int = 1, *, by: int = 0) -> None:
        with self.database.transaction() as db:
            approve(
                db,
                code=code,
                number=number,
                blueprints=self.plan.blueprints,
                terms=frozenset(),
                approved_by_id=by or self.ben,
                now=self.clock(),
            )

    def put_live(self, draft: ItemDraft = BOOTS, *, topic: str = "fire") -> str:
        """Let Ann write an item, and Ben read and approve it; return its code."""
        code = self.write(draft, topic=topic)
        self.read(code)
        self.approve(code)
        return code

    def item(self, code: str) -> Item:
        with self.database.reading() as db:
            return db.scalars(select(Item).where(Item.code == code)).one()

    def revision(
        self, code: str, number: int = 0, *, db: Session | None = None
    ) -> ItemRevision:
        """Return one wording; the newest without a number."""
        query = (
            select(ItemRevision)
            .join(Item, Item.id == ItemRevision.item_id)
            .where(Item.code == code)
            .order_by(ItemRevision.revision.desc())
        )
        if number:
            query = query.where(ItemRevision.revision == number)
        if db:
            return db.scalars(query).all()[0]
        with self.database.reading() as own:
            return own.scalars(query).all()[0]

    def numbers(self, code: str) -> list[int]:
        with self.database.reading() as db:
            return list(
                db.scalars(
                    select(ItemRevision.revision)
                    .join(Item, Item.id == ItemRevision.item_id)
                    .where(Item.code == code)
                    .order_by(ItemRevision.revision)
                )
            )

    def live(self) -> set[str]:
        """Return the codes that papers are drawn from."""
        with self.database.reading() as db:
            return {item.code for item in live_items(db)}

    def audit(self, subject: str) -> list[AuditEntry]:
        with self.database.reading() as db:
            return list(
                db.scalars(
                    select(AuditEntry)
                    .where(AuditEntry.subject == subject)
                    .order_by(AuditEntry.id)
                )
            )

    def today(self) -> date:
        return london_date(self.clock())
