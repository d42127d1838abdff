"""Question files into the bank: a plan first, then drafts that somebody else must read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.questions.formats import Format, FoundItem
from ecs_training.questions.models import Item
from ecs_training.questions.queries.importing import (
    IMPORTED,
    list_picture_digests,
    list_questions,
)
from ecs_training.questions.queries.search import list_topics
from ecs_training.questions.rules.importing import ImportRefusal
from ecs_training.questions.services.import_judging import make_plan
from ecs_training.questions.services.import_pictures import TakenPicture, take_pictures
from ecs_training.questions.services.import_plans import (
    BankNow,
    ImportPlan,
    PlannedItem,
    TopicChoice,
)
from ecs_training.questions.services.locking import lock_bank
from ecs_training.questions.services.pictures import store_picture
from ecs_training.questions.services.plans import BankPlan
from ecs_training.questions.services.writing import NewDraft, add_drafts

LONGEST_NAME = 120  # characters of a file's name that the audit keeps


class ImportRefused(Refused):
    reason: ImportRefusal


@dataclass(frozen=True, kw_only=True)
class ImportSource:
    """Where items come from, for the audit."""

    format: Format
    file_name: str


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What was done, and the codes of the new drafts in the order of the file."""

    plan: ImportPlan
    codes: tuple[str, ...]


def list_all_topics(db: Session, *, bank: BankPlan) -> list[str]:
    """Return the topics that items may have: those drawn, and those in use."""
    return sorted({*bank.topics, *list_topics(db)})


def plan_import(
    db: Session,
    found: Sequence[FoundItem],
    *,
    topics: Mapping[str, str],
    default_topic: str | None,
    bank: BankPlan,
) -> ImportPlan:
    """Say what would come of each item; nothing is written.

    `topics` maps the file's names of topics to ours, `default_topic` is for the rest.
    ImportRefused for a topic that is none of ours.
    """
    pictures = take_pictures(found, kept=list_picture_digests(db))
    return _plan(db, found, pictures, _choice(db, topics, default_topic, bank), bank)


def _choice(
    db: Session, topics: Mapping[str, str], default_topic: str | None, bank: BankPlan
) -> TopicChoice:
    ours = list_all_topics(db, bank=bank)
    if not {*topics.values(), default_topic} - {None} <= set(ours):
        raise ImportRefused(ImportRefusal.UNKNOWN_TOPIC)
    return TopicChoice(topics=ours, mapping=topics, default=default_topic)


def _plan(
    db: Session,
    found: Sequence[FoundItem],
    pictures: Mapping[bytes, TakenPicture],
    choice: TopicChoice,
    bank: BankPlan,
) -> ImportPlan:
    known = BankNow(
        questions=list_questions(db),
        codes=frozenset(db.scalars(select(Item.code))),
        sources=bank.sources.keys(),
    )
    return make_plan(found, pictures=pictures, choice=choice, bank=known)


def import_items(
    db: Session,
    found: Sequence[FoundItem],
    *,
    topics: Mapping[str, str],
    default_topic: str | None,
    bank: BankPlan,
    source: ImportSource,
    author_id: int,
    now: datetime,
    seen: str | None = None,
) -> ImportReport:
    """Write what `plan_import` promises as drafts of the author, all of them or none.

    What the bank has already is left alone, so that a file may come twice. `seen` is the
    digest of the plan that somebody confirmed: ImportRefused where it is another by now.
    """
    # Before the lock: drawing pictures anew takes a while, and others would wait for it.
    pictures = take_pictures(found, kept=list_picture_digests(db))
    choice = _choice(db, topics, default_topic, bank)
    lock_bank(db)
    plan = _plan(db, found, pictures, choice, bank)
    if seen is not None and seen != plan.digest:
        raise ImportRefused(ImportRefusal.LIST_CHANGED)
    for planned in plan.new:
        if planned.picture:
            store_picture(db, picture=planned.picture, now=now)
    drafts = [_new_draft(planned) for planned in plan.new]
    add_drafts(db, drafts, written_by_id=author_id, now=now)
    codes = tuple(each.code for each in drafts)
    if codes:
        _record(db, source, plan, codes, author_id=author_id, now=now)
    return ImportReport(plan=plan, codes=codes)


def _record(
    db: Session,
    source: ImportSource,
    plan: ImportPlan,
    codes: Sequence[str],
    *,
    author_id: int,
    now: datetime,
) -> None:
    record(
        db,
        actor_id=author_id,
        action=IMPORTED,
        subject="question-bank",
        now=now,
        format=source.format.value,
        file_name=_one_line(source.file_name),
        counts=dict(plan.counts),
        codes=list(codes),
    )


def _new_draft(planned: PlannedItem) -> NewDraft:
    if planned.code is None or planned.draft is None or planned.topic is None:
        msg = f"{planned.code} was planned without a draft"
        raise ValueError(msg)
    return NewDraft(code=planned.code, topic=planned.topic, draft=planned.draft)


def _one_line(name: str) -> str:
    kept = "".join(each if each.isprintable() else " " for each in name)
    return kept[:LONGEST_NAME]
