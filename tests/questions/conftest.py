from pathlib import Path

import pytest
from flask import Flask

from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.questions.desk import Desk
from tests.questions.pages import sign_in


@pytest.fixture
def desk(app: Flask, database: Database, clock: MovableClock, tmp_path: Path) -> Desk:
    """The staff of a provider whose bank is the one of `banks.py`, on the pages too."""
    folder = tmp_path / "desk-bank"
    settings = app.extensions["settings"].model_copy(update={"question_bank": folder})
    app.extensions["settings"] = settings
    desk = Desk(database, clock, folder)
    desk.open()
    return desk


@pytest.fixture
def ann(app: Flask, desk: Desk) -> Visitor:
    del desk  # who opened it let Ann in
    return sign_in(app, "ann")


@pytest.fixture
def ben(app: Flask, desk: Desk) -> Visitor:
    del desk
    return sign_in(app, "ben")
