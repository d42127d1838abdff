"""One product per test, on a database of its own, at a clock that the test moves.

A test that uses `database` (or `app`, `db`) runs on SQLite and on PostgreSQL, on copies of
a database that the migrations made.
"""

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy.orm import Session

from ecs_training.app import create_app
from ecs_training.foundation.database import Database, open_engine
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings
from ecs_training.reactions import REACTIONS
from tests import postgresql
from tests.remembering import remember_addresses, remember_statements

remember_addresses()
remember_statements()

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, in winter time
SERVER = "ECS_TEST_POSTGRESQL"
BACKENDS = ["sqlite", "postgresql"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["both", "sqlite", "postgresql"], default="both")


def pytest_configure(config: pytest.Config) -> None:
    # Only the process that the others are started from; they inherit both.
    if not hasattr(config, "workerinput") and config.option.basetemp is None:
        config.option.basetemp = postgresql.memory_folder("pytest-")
    if config.getoption("--db") != "sqlite" and SERVER not in os.environ:
        os.environ[SERVER] = postgresql.start()


def pytest_collection_finish() -> None:
    """Do as wsgi.py does: what is loaded by now stays, and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 25, 25)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen_by_test = any(
        mark.args[0] == "backend"
        for mark in metafunc.definition.iter_markers("parametrize")
    )
    if "backend" in metafunc.fixturenames and not chosen_by_test:
        chosen = metafunc.config.getoption("--db")
        if "browser" in metafunc.definition.path.parts:
            chosen = "sqlite"  # what differs below is tested without a browser
        elif chosen == "both" and _is_about_pages(metafunc.definition.path):
            # What differs below, the services' tests ask of both. Pages are asked for on one
            # or the other: their tests are shared out, each always to the same.
            chosen = BACKENDS[crc32(metafunc.definition.nodeid.encode()) % 2]
        backends = BACKENDS if chosen == "both" else [chosen]
        metafunc.parametrize("backend", backends, indirect=True, scope="session")


def _is_about_pages(path: Path) -> bool:
    return "pages" in path.stem or "portal" in path.parts


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def template(backend: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Migrate one empty database; every test gets a copy."""
    if backend == "sqlite":
        path = tmp_path_factory.mktemp("template") / "template.db"
        _migrate(f"sqlite:///{path}")
        return str(path)
    name = f"template_{uuid.uuid4().hex[:8]}"
    postgresql.administer(os.environ[SERVER], f"CREATE DATABASE {name}")
    _migrate(postgresql.database_url(os.environ[SERVER], name))
    return name


def _migrate(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def databases(backend: str, template: str) -> postgresql.Databases | None:
    if backend == "sqlite":
        return None
    return postgresql.Databases(os.environ[SERVER], template)


@pytest.fixture
def database_url(
    databases: postgresql.Databases | None, template: str, tmp_path: Path
) -> Iterator[str]:
    if databases is None:
        shutil.copy(template, tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    name = databases.take()
    yield postgresql.database_url(databases.server, name)
    databases.give_back(name)


@dataclass
class MovableClock:
    """A clock that stands still until the test moves it."""

    at: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **lengths: float) -> datetime:
        self.at += timedelta(**lengths)
        return self.at


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def now(clock: MovableClock) -> datetime:
    return clock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key="only-for-tests-" + "k3y" * 10,
        secure_cookies=False,
        mail_url=f"folder:{tmp_path / 'mail'}",
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Let every test's app use what the first one compiled."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings, clock: MovableClock, compiled_templates: BytecodeCache
) -> Iterator[Flask]:
    """The whole product, as production builds it, but for the clock."""
    app = create_app(settings, clock=clock)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Database]:
    """The app's own, or one as it has, where a test needs no app: that takes a tenth of a second."""
    if "app" in request.fixturenames:
        yield request.getfixturevalue("app").extensions["database"]
        return
    database = Database(settings, REACTIONS)
    yield database
    database.engine.dispose()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.transaction() as db:
        yield db
