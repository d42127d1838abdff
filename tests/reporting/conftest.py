import pytest
from sqlalchemy.orm import Session

from tests.conftest import MovableClock
from tests.reporting.hall import Hall, make_hall


@pytest.fixture
def hall(db: Session, clock: MovableClock) -> Hall:
    return make_hall(db, now=clock())
