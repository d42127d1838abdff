import pytest

from ecs_training.accounts.events import RegisteredAgain
from ecs_training.accounts.services.passwords import (
    change_password,
    request_password_reset,
)
from ecs_training.accounts.services.people import invite, register
from ecs_training.foundation.events import publish
from tests.factories import make_person
from tests.notifications.conftest import Post

SPAM = "You won! https://evil.example Visit now"


def test_registering_sends_a_link_and_repeats_nothing_that_was_typed(
    post: Post,
) -> None:
    with post.database.transaction() as db:
        register(
            db,
            full_name=SPAM,
            email="victim@example.org",
            password_hash="x",
            next_path=None,
            now=post.clock(),
        )
    (letter,) = post.letters()
    assert letter.to == "victim@example.org"
    assert letter.subject == "Confirm your e-mail address"
    assert f"{post.settings.base_url}/confirm-email/" in letter.text
    assert "2 days" in letter.text
    assert "evil" not in letter.text
    assert letter.holds_one_time_link


@pytest.mark.parametrize("purpose", ["invitation", "reset"])
def test_a_link_to_choose_a_password(purpose: str, post: Post) -> None:
    with post.database.transaction() as db:
        if purpose == "invitation":
            invite(db, full_name=SPAM, email="alice@example.org", now=post.clock())
        else:
            make_person(db, "alice", now=post.clock())
            request_password_reset(db, email="alice@example.org", now=post.clock())
    (letter,) = post.letters()
    assert f"{post.settings.base_url}/choose-password/" in letter.text
    assert ("14 days" if purpose == "invitation" else "1 hour") in letter.text
    assert "evil" not in letter.text
    assert letter.holds_one_time_link
    assert post.settings.provider_phone in letter.text


def test_two_links_are_two_letters(post: Post) -> None:
    with post.database.transaction() as db:
        make_person(db, "alice", now=post.clock())
        for _ in range(2):
            request_password_reset(db, email="alice@example.org", now=post.clock())
    first, second = post.letters()
    assert first.text != second.text


def test_registering_again_is_told_at_most_once_an_hour(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock()).id
        bob = make_person(db, "bob", now=post.clock()).id
    for person, minutes in ((alice, 0), (alice, 59), (bob, 0), (alice, 1)):
        post.clock.advance(minutes=minutes)
        with post.database.transaction() as db:
            publish(db, RegisteredAgain(occurred_at=post.clock(), person_id=person))
    names = [letter.to.partition("@")[0] for letter in post.letters()]
    assert names == ["alice", "bob", "alice"]
    assert all("already have" in letter.subject for letter in post.letters())


def test_every_change_of_password_is_told(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock()).id
        change_password(db, person_id=alice, password_hash="x", now=post.clock())
        later = post.clock.advance(seconds=1)
        change_password(db, person_id=alice, password_hash="y", now=later)
    first, second = post.letters()
    assert first.subject == second.subject == "Your password has been changed"
    assert "Monday 2 March 2026, 9am" in first.text
