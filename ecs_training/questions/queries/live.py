from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.papers import LiveItem


def live_items(db: Session) -> tuple[LiveItem, ...]:
    """Return what drawing needs of every live item, by code, in one query."""
    rows = db.execute(
        select(
            ItemRevision.id,
            Item.code,
            Item.topic,
            ItemRevision.key,
            ItemRevision.enemies,
        )
        .join(
            Item,
            (Item.id == ItemRevision.item_id)
            & (Item.live_revision == ItemRevision.revision),
        )
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
        )
        for revision_id, code, topic, key, enemies in rows
    )


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
