"""Where transactions begin and end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    create_engine,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from ecs_training.foundation import sqlite
from ecs_training.foundation.events import Reactions
from ecs_training.foundation.settings import Settings

# A row lock that is not had within three seconds is answered with 503 and Retry-After.
POSTGRESQL_OPTIONS = "-c lock_timeout=3000 -c timezone=UTC -c default_transaction_isolation=read\\ committed"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes only, in UTC; a naive one is a bug, so refuse it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        if value is not None and value.tzinfo is None:
            msg = f"naive datetime {value!r}"
            raise ValueError(msg)
        return value.astimezone(UTC) if value else None

    def process_result_value(
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)  # SQLite drops the offset on the way in
        return value.astimezone(UTC) if value else None


class Base(DeclarativeBase):
    type_annotation_map = {
        datetime: UtcDateTime,
        # The value is stored, not the name: a row stays readable without our code.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=20,
            values_callable=lambda words: [word.value for word in words],
        ),
    }
    # Named constraints, so that migrations can drop them on any database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class WriteWhileReading(Exception):
    """Something was changed inside Database.reading()."""


class Database:
    """One engine and the only ways to a session: to change, to rehearse, or to read."""

    def __init__(self, settings: Settings, reactions: Reactions) -> None:
        self.engine = open_engine(settings.database_url)
        info = {"reactions": reactions, "settings": settings}
        self._writers = sessionmaker(self.engine, expire_on_commit=False, info=info)
        self._asked = self.engine.execution_options(
            read_only=True, postgresql_readonly=True
        )
        self._readers = sessionmaker(
            self._asked,
            expire_on_commit=False,
            info=info,
        )
        event.listen(self._readers, "before_flush", _refuse_to_write)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit when the block ends; roll back if it raises."""
        with self._writers.begin() as db:
            yield db

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """Change as in a transaction, to see what would come of it; nothing is kept."""
        with self._writers() as db:
            try:
                yield db
            finally:
                db.rollback()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read without waiting for those who write; any change raises."""
        with self._readers.begin() as db:
            yield db

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """Read by statements alone, without a session's care for objects: the hot paths."""
        with self._asked.connect() as connection:
            yield connection

    def tell_time(self) -> datetime:
        """Read the database machine's clock."""
        if self.engine.dialect.name == "sqlite":
            query = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
        else:
            query = "SELECT clock_timestamp()"
        with self.reading() as db:
            told = db.scalars(text(query)).one()
        return datetime.fromisoformat(told) if isinstance(told, str) else told


def open_engine(url: str) -> Engine:
    """Connect to SQLite or PostgreSQL, told what each needs to keep our promises."""
    if url.startswith("sqlite"):
        engine = create_engine(url, pool_use_lifo=True)
        sqlite.prepare(engine)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_use_lifo=True,  # the connection used last has its statements prepared
        pool_size=8,
        max_overflow=8,
        connect_args={"options": POSTGRESQL_OPTIONS},
    )


def settings_of(db: Session) -> Settings:
    """Return the settings of the running product, for services that word a message."""
    settings: Settings = db.info["settings"]
    return settings


def _refuse_to_write(db: Session, _flush: Any, _instances: object) -> None:
    raise WriteWhileReading([*db.new, *db.dirty, *db.deleted])
