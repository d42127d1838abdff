from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from ecs_training.questions.models import Item, ItemRevision, ItemStatistics
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.papers import LiveItem

LiveState = tuple[str | None, str | None]  # only to be compared


def live_items(db: Session) -> tuple[LiveItem, ...]:
    """Return what drawing needs of every live item, by code, in one query."""
    rows = db.execute(
        select(
            ItemRevision.id,
            Item.code,
            Item.topic,
            ItemRevision.key,
            ItemRevision.enemies,
            ItemRevision.difficulty,
            func.coalesce(ItemStatistics.shown, 0),
        )
        .join(
            Item,
            (Item.id == ItemRevision.item_id)
            & (Item.live_revision == ItemRevision.revision),
        )
        .outerjoin(ItemStatistics, ItemStatistics.revision_id == ItemRevision.id)
        .where(Item.suspended_at.is_(None))
        .order_by(Item.code)
    )
    return tuple(
        LiveItem(
            revision_id=revision_id,
            code=code,
            topic=topic,
            key=key,
            enemies=tuple(enemies),
            difficulty=difficulty,
            shown=shown,
        )
        for revision_id, code, topic, key, enemies, difficulty, shown in rows
    )


# Written out by the database: 650 rows would cost five times as much to fetch and compare.
_STATE = select(
    func.aggregate_strings(
        cast(Item.id, String)
        + ":"
        + cast(Item.live_revision, String)
        + ":"
        + cast(Item.updated_at, String),
        ",",
    ),
    cast(select(func.max(ItemStatistics.counted_at)).scalar_subquery(), String),
).where(Item.live_revision.is_not(None), Item.suspended_at.is_(None))


def read_live_state(db: Session) -> LiveState:
    """Return what is another as soon as `live_items` may be: which revisions are live, when
    each item was last touched, and when papers were last counted.

    A tenth of the cost of `live_items`: half a millisecond for 650 items.
    """
    db.flush()  # a connection, unlike the session, would not do it
    items, counted_at = db.connection().execute(_STATE).one()
    return items, counted_at


def list_live_drafts(
    db: Session, *, except_code: str = ""
) -> tuple[tuple[str, str, ItemDraft], ...]:
    """Return (code, topic, wording) of every live item but one, by code, in one query."""
    rows = db.execute(
        select(Item.code, Item.topic, ItemRevision)
        .join(
            ItemRevision,
            (ItemRevision.item_id == Item.id)
            & (ItemRevision.revision == Item.live_revision),
        )
        .where(Item.suspended_at.is_(None), Item.code != except_code)
        .order_by(Item.code)
    )
    return tuple((code, topic, draft_of(row)) for code, topic, row in rows)
