"""Where transactions begin and end."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from ecs_training.foundation import sqlite
from ecs_training.foundation.asking import Wording
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.events import Reactions
from ecs_training.foundation.settings import Settings

# A row lock that is not had within three seconds is answered with 503 and Retry-After.
POSTGRESQL_OPTIONS = "-c lock_timeout=3000 -c timezone=UTC -c default_transaction_isolation=read\\ committed"
PING_AFTER = 2.0  # seconds in which nobody used a connection


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
    """Something was changed inside Database.reading(), or asked by Database.ask()."""


class Database:
    """One engine and the only ways to it: to change, to rehearse, to read, or to ask."""

    def __init__(self, settings: Settings, reactions: Reactions) -> None:
        self.engine = open_engine(settings.database_url)
        info = {"reactions": reactions, "settings": settings}
        self._writers = sessionmaker(self.engine, expire_on_commit=False, info=info)
        self._readers = sessionmaker(
            self.engine.execution_options(read_only=True, postgresql_readonly=True),
            expire_on_commit=False,
            info=info,
        )
        event.listen(self._readers, "before_flush", _refuse_to_write)
        self._wordings: dict[Select[*tuple[Any, ...]], Wording] = {}

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

    def ask(
        self, statement: Select[*tuple[Any, ...]], asked: Mapping[str, object]
    ) -> Any | None:
        """Return the one row that a SELECT finds, or None: no session, no transaction.

        For the hot paths. The statement is put together once, in its module: its wording is
        kept for as long as the process lives. Anything but a SELECT raises.
        """
        wording = self._wordings.get(statement) or self._word(statement)
        driver: Any = self.engine.dialect.loaded_dbapi
        try:
            return self._fetch(wording, asked)
        except driver.Error as error:
            # Without the values: some of them are secrets.
            raise DBAPIError.instance(
                wording.sql, None, error, driver.Error, dialect=self.engine.dialect
            ) from error

    def _fetch(self, wording: Wording, asked: Mapping[str, object]) -> Any | None:
        with closing(self.engine.raw_connection()) as connection:
            try:
                _stop_transactions(connection)
                with closing(connection.cursor()) as cursor:
                    return wording.fetch(cursor, asked)
            except Exception as error:
                # Whatever state it is in, the next one gets another.
                connection.invalidate(error)
                raise

    def _word(self, statement: Select[*tuple[Any, ...]]) -> Wording:
        if not isinstance(statement, Select):
            raise WriteWhileReading(statement)
        wording = self._wordings[statement] = Wording(statement, self.engine.dialect)
        return wording

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
    engine = create_engine(
        url,
        pool_use_lifo=True,  # the connection used last has its statements prepared
        pool_size=8,
        max_overflow=8,
        skip_autocommit_rollback=True,  # who only asks has nothing to take back
        connect_args={"options": POSTGRESQL_OPTIONS},
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ping_after_idle, engine.dialect))
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = stopwatch()


def _ping_after_idle(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Replace a connection that broke while nobody used it; asking every time costs more."""
    if stopwatch() - record.info.get("used", stopwatch()) < PING_AFTER:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _begin(connection: Connection) -> None:
    """Let the driver say BEGIN again, where its connection has answered single questions."""
    driver: Any = connection.connection.driver_connection
    if driver.autocommit:
        driver.autocommit = False


def _stop_transactions(connection: PoolProxiedConnection) -> None:
    """Leave out the transaction around one question: two ways to the server and back.

    SQLite's driver never begins one by itself (see `sqlite.configure`).
    """
    driver: Any = connection.driver_connection
    if not getattr(driver, "autocommit", True):
        driver.autocommit = True


def settings_of(db: Session) -> Settings:
    """Return the settings of the running product, for services that word a message."""
    settings: Settings = db.info["settings"]
    return settings


def _refuse_to_write(db: Session, _flush: Any, _instances: object) -> None:
    raise WriteWhileReading([*db.new, *db.dirty, *db.deleted])
