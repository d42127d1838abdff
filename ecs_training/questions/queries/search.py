"""The list of the bank: found by words, topic, state, source and figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from ecs_training.questions.models import Item, ItemRevision, ItemStatistics
from ecs_training.questions.rules.drafting import in_json
from ecs_training.questions.rules.reviewing import RevisionState, revision_state
from ecs_training.questions.rules.standing import (
    FEWEST_ANSWERS,
    TOO_EASY,
    TOO_HARD,
    Figures,
    ItemState,
    item_state,
)

PAGE = 50  # rows
MOST_WORDS = 8

NUMBERS = (
    select(ItemRevision.item_id, func.max(ItemRevision.revision).label("newest"))
    .group_by(ItemRevision.item_id)
    .subquery()
)
New = aliased(ItemRevision)
Live = aliased(ItemRevision)
SHOWN = func.coalesce(ItemStatistics.shown, 0)
SENT_BACK_SINCE = and_(
    New.sent_back_at.is_not(None),
    or_(Item.retired_at.is_(None), New.sent_back_at > Item.retired_at),
)
OPEN = and_(
    New.written_by_id.is_not(None),
    New.approved_at.is_(None),
    New.sent_back_at.is_(None),
)
IN_STATE: Mapping[ItemState, ColumnElement[bool]] = {
    ItemState.LIVE: and_(
        Item.live_revision.is_not(None),
        Item.suspended_at.is_(None),
        Item.retired_at.is_(None),
    ),
    ItemState.DRAFT: and_(OPEN, New.submitted_at.is_(None)),
    ItemState.WAITING: and_(OPEN, New.submitted_at.is_not(None)),
    ItemState.SENT_BACK: SENT_BACK_SINCE,
    ItemState.SUSPENDED: and_(
        Item.suspended_at.is_not(None), Item.retired_at.is_(None)
    ),
    ItemState.RETIRED: Item.retired_at.is_not(None),
}
WITH_FIGURES: Mapping[Figures, ColumnElement[bool]] = {
    Figures.FEW: SHOWN < FEWEST_ANSWERS,
    Figures.HARD: and_(
        SHOWN >= FEWEST_ANSWERS,
        ItemStatistics.correct * 100 < SHOWN * TOO_HARD,
    ),
    Figures.EASY: and_(
        SHOWN >= FEWEST_ANSWERS,
        ItemStatistics.correct * 100 > SHOWN * TOO_EASY,
    ),
}


@dataclass(frozen=True, kw_only=True)
class BankSearch:
    """What somebody looks for; empty and None find everything."""

    words: str = ""
    topic: str = ""
    state: ItemState | None = None
    source: str = ""
    figures: Figures | None = None


@dataclass(frozen=True, kw_only=True)
class BankRow:
    """One item: its live wording, or the newest if none is live.

    `state` is None before anything of it was live; `progress` says how a wording newer
    than the live one stands. `facility` is None under 30 answers, which say nothing.
    """

    code: str
    topic: str
    stem: str
    source: str
    state: ItemState | None
    progress: ItemState | None
    shown: int
    facility: float | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class BankPage:
    rows: Sequence[BankRow]
    total: int
    page: int  # from 1
    pages: int


def search_bank(db: Session, *, search: BankSearch, page: int) -> BankPage:
    """Return one page of what was found, by code; beyond the last page, the last."""
    found = _found(search)
    counted = found.with_only_columns(func.count(Item.id), maintain_column_froms=True)
    total = db.scalars(counted.order_by(None)).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.execute(found.limit(PAGE).offset((page - 1) * PAGE))
    return BankPage(
        rows=[_row(*row) for row in rows], total=total, page=page, pages=pages
    )


def _found(
    search: BankSearch,
) -> Select[Item, ItemRevision, ItemRevision, ItemStatistics]:
    return (
        select(Item, New, Live, ItemStatistics)
        .join(NUMBERS, NUMBERS.c.item_id == Item.id)
        .join(New, and_(New.item_id == Item.id, New.revision == NUMBERS.c.newest))
        .outerjoin(
            Live, and_(Live.item_id == Item.id, Live.revision == Item.live_revision)
        )
        .outerjoin(
            ItemStatistics,
            ItemStatistics.revision_id == func.coalesce(Live.id, New.id),
        )
        .where(*_conditions(search))
        .order_by(Item.code)
    )


def _conditions(search: BankSearch) -> Iterator[ColumnElement[bool]]:
    for word in search.words.split()[:MOST_WORDS]:
        yield _has_word(word)
    if search.topic:
        yield Item.topic == search.topic
    if search.state:
        yield IN_STATE[search.state]
    if search.source:
        yield or_(New.source == search.source, Live.source == search.source)
    if search.figures:
        yield WITH_FIGURES[search.figures]


def _has_word(word: str) -> ColumnElement[bool]:
    escaped = in_json(word)
    return or_(
        Item.code.icontains(word, autoescape=True),
        *(each.stem.icontains(word, autoescape=True) for each in (New, Live)),
        *(
            cast(each.options, String).icontains(escaped, autoescape=True)
            for each in (New, Live)
        ),
    )


def _row(
    item: Item,
    newest: ItemRevision,
    live: ItemRevision | None,
    counted: ItemStatistics | None,
) -> BankRow:
    stands = live or newest
    shown = counted.shown if counted else 0
    enough = counted and shown >= FEWEST_ANSWERS
    return BankRow(
        code=item.code,
        topic=item.topic,
        stem=stands.stem,
        source=stands.source,
        state=item_state(item),
        progress=progress_of(item, newest),
        shown=shown,
        facility=counted.facility if counted and enough else None,
        updated_at=item.updated_at,
    )


def progress_of(item: Item, newest: ItemRevision) -> ItemState | None:
    """Say how a wording that is newer than the live one stands; None if there is none."""
    state = revision_state(newest, live=item.live_revision, newest=newest.revision)
    if state is RevisionState.SENT_BACK and item.retired_at and newest.sent_back_at:
        return ItemState.SENT_BACK if newest.sent_back_at > item.retired_at else None
    return {
        RevisionState.DRAFT: ItemState.DRAFT,
        RevisionState.WAITING: ItemState.WAITING,
        RevisionState.SENT_BACK: ItemState.SENT_BACK,
    }.get(state)


def count_waiting(db: Session) -> int:
    """Return how many wordings wait for a second reading, or for its reader to decide."""
    query = (
        select(func.count(Item.id))
        .join(NUMBERS, NUMBERS.c.item_id == Item.id)
        .join(New, and_(New.item_id == Item.id, New.revision == NUMBERS.c.newest))
        .where(IN_STATE[ItemState.WAITING])
    )
    return db.scalars(query).one()


def list_topics(db: Session) -> Sequence[str]:
    return db.scalars(select(Item.topic).distinct().order_by(Item.topic)).all()


def list_sources(db: Session) -> Sequence[str]:
    """Return the ids of all sources that any wording cites."""
    return db.scalars(
        select(ItemRevision.source)
        .where(not_(ItemRevision.source == ""))
        .distinct()
        .order_by(ItemRevision.source)
    ).all()
