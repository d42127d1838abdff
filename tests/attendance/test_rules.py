from datetime import date, timedelta

from ecs_training.attendance.rules import RegisterRefusal, why_not_mark

DAY = date(2026, 3, 9)


def test_nobody_is_marked_before_the_day() -> None:
    before = DAY - timedelta(days=1)
    assert why_not_mark(local_date=DAY, today=before) is RegisterRefusal.TOO_EARLY


def test_people_are_marked_on_the_day_and_mistakes_mended_after_it() -> None:
    assert why_not_mark(local_date=DAY, today=DAY) is None
    assert why_not_mark(local_date=DAY, today=DAY + timedelta(days=400)) is None
