import pytest

from ecs_training.foundation.errors import Misconfigured
from ecs_training.foundation.settings import read_settings, why_not_production

GOOD = {
    "SECRET_KEY": "9f8e7d6c5b4a39281706f5e4d3c2b1a0ffeeddcc",
    "BASE_URL": "https://training.example.org",
    "MAIL_URL": "smtp://mail.example.org:25",
    "DATABASE_URL": "postgresql+psycopg://ecs@db/ecs",
}


def test_good_settings_may_serve_real_people() -> None:
    assert why_not_production(read_settings(GOOD)) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "9f8e7d6c5b4a39281706f5e4d3c2b1a"}, "SECRET_KEY"),  # 31
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme-9f8e7d6c5b4a39281706f5e4d3c2"}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"BASE_URL": "http://training.example.org"}, "BASE_URL"),
        ({"SECURE_COOKIES": "false"}, "SECURE_COOKIES"),
        ({"MAIL_URL": "folder:var/mail"}, "MAIL_URL"),
        ({"DEMO_PAGES": "true"}, "DEMO_PAGES"),
        ({"CLOCK_SHIFT_SECONDS": "60"}, "CLOCK_SHIFT_SECONDS"),
    ],
)
def test_start_up_refuses_what_would_harm_real_people(
    change: dict[str, str], named: str
) -> None:
    problem = why_not_production(read_settings(GOOD | change))
    assert problem
    assert named in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "0"),
        ("WORKERS", "many"),
        ("BASE_URL", "training.example.org"),
        ("BASE_URL", "https://training.example.org/path"),
        ("DATABASE_URL", "mysql://db"),
        ("TIMETABLE_WEEKS", "53"),
        ("MAIL_FROM", ""),
    ],
)
def test_a_setting_that_cannot_work_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name) as refused:
        read_settings(GOOD | {name: value})
    assert "\n" not in str(refused.value)


def test_what_is_not_ours_in_the_environment_is_left_alone() -> None:
    assert read_settings(GOOD | {"HOME": "/nowhere"}) == read_settings(GOOD)


def test_the_key_is_not_shown_with_the_settings() -> None:
    assert GOOD["SECRET_KEY"] not in repr(read_settings(GOOD))
