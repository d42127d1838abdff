"""Noticing which rows a stretch of work adds, whichever service adds them.

Rows are noticed as this very transaction writes them. A look for whatever is new in a table
would find what others commit meanwhile, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Insert, Result, event
from sqlalchemy.orm import ORMExecuteState, Session

from ecs_training.notifications.models import OutgoingEmail

Row = TypeVar("Row")


@dataclass
class Made:
    """Rows that were added; of letters, which are added by statement, the keys."""

    rows: list[object] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def of(self, kind: type[Row]) -> list[Row]:
        return [row for row in self.rows if isinstance(row, kind)]


@contextmanager
def watching(db: Session) -> Iterator[Made]:
    """Collect what is added through `db` until the block ends."""
    made = Made()

    def note_rows(session: Session, _context: object) -> None:
        made.rows += session.new

    def note_letter(state: ORMExecuteState) -> Result[Any] | None:
        if not (state.is_insert and _is_letter(state)):
            return None
        counted = state.invoke_statement(execution_options={"preserve_rowcount": True})
        added = cast("CursorResult[Any]", counted)
        if added.rowcount:  # none for an occasion that was written about before
            insert = cast("Insert", state.statement)
            values = insert.compile(dialect=db.get_bind().dialect).params
            made.keys.append(values["key"])
        return added

    event.listen(db, "after_flush", note_rows)
    event.listen(db, "do_orm_execute", note_letter)
    try:
        yield made
        db.flush()
    finally:
        event.remove(db, "after_flush", note_rows)
        event.remove(db, "do_orm_execute", note_letter)


def _is_letter(state: ORMExecuteState) -> bool:
    mapper = state.bind_mapper
    return mapper is not None and mapper.class_ is OutgoingEmail
