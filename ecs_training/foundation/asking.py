"""One SELECT for one row, by the driver's own cursor: what thousands of pages ask each minute.

SQLAlchemy words the statement once and knows the types. What it does around each execution
costs as much as the database's answer.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import MultipleResultsFound

Process = Callable[[Any], Any] | None


class Wording:
    """A SELECT as one driver takes it, and how values are told to it and by it.

    Lists of values (`IN`) are not known here: their length would change the words.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._order = compiled.positiontup if compiled.positional else None
        self._asked: list[tuple[str, Process]] = []
        self._fixed: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self._asked.append((name, process))
            else:
                self._fixed[name] = _processed(process, bind.effective_value)
        columns = statement.selected_columns
        self._types = [column.type.dialect_impl(dialect) for column in columns]
        self._told: list[Process] = []
        self._dialect = dialect
        row = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]
        self._as_row: Callable[[Sequence[Any]], Any] = row._make

    def fetch(self, cursor: DBAPICursor, asked: Mapping[str, object]) -> Any | None:
        """Return the row as a named tuple, None if there is none; raise MultipleResultsFound."""
        cursor.execute(self.sql, self._values(asked))
        rows = cursor.fetchmany(2)
        if len(rows) > 1:
            msg = "one row was expected"
            raise MultipleResultsFound(msg)
        if not rows:
            return None
        self._told = self._told or self._read_by(cursor)
        told = zip(self._told, rows[0], strict=True)
        return self._as_row([_processed(process, value) for process, value in told])

    def _values(self, asked: Mapping[str, object]) -> Any:
        values = {
            name: _processed(process, asked[name]) for name, process in self._asked
        } | self._fixed
        return [values[name] for name in self._order] if self._order else values

    def _read_by(self, cursor: DBAPICursor) -> list[Process]:
        """Choose how values are read: for some, the driver says which of its types they are."""
        described = zip(self._types, cursor.description or (), strict=True)
        return [type_.result_processor(self._dialect, of[1]) for type_, of in described]


def _processed(process: Process, value: Any) -> Any:
    return process(value) if process else value
