"""Who changes the bank goes one after the other."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import Item


def lock_bank(db: Session) -> None:
    """Let nobody else change the bank until the transaction ends. Call it before reading.

    Whether a paper can still be filled depends on many items at once, so that a lock on
    those that are changed would not do. Starting an assessment does not wait for it. On
    SQLite every writing transaction holds such a lock from its beginning.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE items IN SHARE ROW EXCLUSIVE MODE"))


def lock_item(db: Session, *, code: str) -> Item:
    """Lock the bank and return an item of it as it is now; NotFound if there is none."""
    lock_bank(db)
    item = db.scalars(
        select(Item).where(Item.code == code).execution_options(populate_existing=True)
    ).one_or_none()
    if item is None:
        raise NotFound
    return item
