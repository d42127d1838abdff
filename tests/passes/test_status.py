from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from ecs_training.foundation.london import london_date
from ecs_training.passes.rules import PassStatus, pass_status, word_what


@dataclass(frozen=True)
class Facts:
    valid_until: date
    revoked_at: datetime | None = None


LAST_DAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        # In July London is an hour ahead of UTC: the day ends at 23:00 UTC.
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), PassStatus.VALID),
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), PassStatus.VALID),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), PassStatus.EXPIRED),
    ],
)
def test_a_pass_is_valid_until_its_last_day_ends_in_london(
    at: datetime, status: PassStatus
) -> None:
    assert pass_status(Facts(LAST_DAY), london_date(at)) is status


@pytest.mark.parametrize("on", [date(2026, 7, 1), date(2026, 7, 2)])
def test_revoked_beats_valid_and_expired(on: date) -> None:
    revoked = Facts(LAST_DAY, revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert pass_status(revoked, on) is PassStatus.REVOKED


def test_what_was_passed_never_sounds_like_the_schemes_own_test() -> None:
    what = word_what("LV Jointer")
    assert what == "Health, safety and environment assessment – LV Jointer"  # noqa: RUF001
    assert "ECS" not in what
