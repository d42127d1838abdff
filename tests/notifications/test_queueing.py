from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ecs_training.notifications.rules import message_id_of
from ecs_training.notifications.services import queue_letter
from tests.notifications.conftest import Post

AT_ONCE = 6


def test_the_same_key_twice_is_one_letter_and_the_first_one_stands(post: Post) -> None:
    post.queue("a", to="first@example.org")
    post.queue("b")
    post.clock.advance(hours=1)
    post.queue("a", to="second@example.org")
    receivers = [letter.to for letter in post.letters()]
    assert receivers == ["first@example.org", "b@example.org"]


def test_the_same_key_in_several_transactions_at_once_is_one_letter(post: Post) -> None:
    start = Barrier(AT_ONCE)

    def queue_one(_n: int) -> int:
        start.wait()
        return post.queue("same")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ids = set(pool.map(queue_one, range(AT_ONCE)))
    assert len(ids) == len(post.letters()) == 1


def test_the_message_id_follows_from_key_and_domain_alone(post: Post) -> None:
    post.queue("a")
    post.queue("b")
    domain = post.settings.calendar_domain
    first, second = (letter.message_id for letter in post.letters())
    assert first == message_id_of("a", domain)
    assert first.startswith("<")
    assert first.endswith(f"@{domain}>")
    assert first != second != message_id_of("b", "other.example")


def test_a_letter_is_rolled_back_with_what_it_tells(post: Post) -> None:
    with pytest.raises(Stopped):
        queue_and_stop(post)
    assert post.letters() == []


class Stopped(Exception):
    pass


def queue_and_stop(post: Post) -> None:
    with post.database.transaction() as db:
        queue_letter(
            db,
            key="a",
            to="a@example.org",
            template="registered_again",
            now=post.clock(),
        )
        raise Stopped
