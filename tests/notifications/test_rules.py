from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_training.accounts.rules import LINK_LASTS
from ecs_training.foundation.mail import TEMPLATES
from ecs_training.notifications.rules import (
    Told,
    wait_before_retry,
    word_changes,
    word_length,
)

TOLD = Told(
    starts_at=datetime(2026, 3, 12, 9, tzinfo=UTC),
    ends_at=datetime(2026, 3, 12, 16, 30, tzinfo=UTC),
    joining_url=None,
)


def told(**changes: Any) -> Told:
    return replace(TOLD, **changes)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (5000, 60)],
)
def test_waits_double_up_to_an_hour(failures: int, minutes: int) -> None:
    assert wait_before_retry(failures) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=60), "1 hour"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=14), "14 days"),
    ],
)
def test_lengths_in_words(length: timedelta, words: str) -> None:
    assert word_length(length) == words


def test_every_link_lasts_a_length_that_can_be_worded() -> None:
    assert all(word_length(lasts)[0] != "0" for lasts in LINK_LASTS.values())


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, "https://teams.example/a", "Your joining link is here."),
        (
            "https://teams.example/a",
            "https://teams.example/b",
            "The joining link is new. The old one no longer works.",
        ),
        (
            "https://teams.example/a",
            None,
            "The joining link has been taken away. We send you a new one.",
        ),
        (None, None, "Some details have changed. This is how it stands now."),
    ],
)
def test_what_changed_about_the_link(
    before: str | None, after: str | None, words: str
) -> None:
    assert word_changes(told(joining_url=before), told(joining_url=after)) == [words]


def test_a_moved_day_says_when_it_was_and_when_it_is() -> None:
    summer = datetime(2026, 4, 1, 8, tzinfo=UTC)
    moved = told(starts_at=summer, ends_at=summer + timedelta(hours=6))
    assert word_changes(TOLD, moved) == [
        "The day or time has changed.",
        "Before: Thursday 12 March 2026, 9am to 4:30pm, UK time.",
        "Now: Wednesday 1 April 2026, 9am to 3pm, UK time.",
    ]


@pytest.mark.parametrize(
    "name",
    sorted(
        path.name
        for path in TEMPLATES.glob("*.txt")
        # Those belong to the page that sends them, or go to the office.
        if not path.name.startswith(("_", "enquiry", "leave_taken"))
    ),
)
def test_every_letter_to_a_person_ends_with_how_to_reach_us(name: str) -> None:
    assert (TEMPLATES / name).read_text().endswith('{% include "_end.txt" %}\n')
