"""When two questions are the same, and which topic of ours a file means. Pure."""

import hashlib
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from ecs_training.questions.rules.wording import word_topic


class ImportRefusal(StrEnum):
    LIST_CHANGED = (
        "The list below is not the one that you saw: you chose other topics, or somebody"
        " changed the bank. Look at it again, then import."
    )
    UNKNOWN_TOPIC = "There is no such topic in the bank."


def same_question(
    stem: str, options: Iterable[tuple[str, bool]], *, picture: str | None
) -> str:
    """Name what is asked: two questions of one name are the same question.

    `options` are (text, is it right); `picture` is the digest of its bytes. Capitals, space
    and the order of the options do not matter, nor does what stands beside the wording.
    """
    said = (_fold(stem), sorted((_fold(text), right) for text, right in options))
    return hashlib.sha256(repr((said, picture)).encode()).hexdigest()


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def find_topic(name: str, topics: Iterable[str]) -> str | None:
    """Return the topic of ours that a name in a file means: its slug, or its title."""
    wanted = _slug(name)
    for topic in topics:
        if wanted in {topic, _slug(word_topic(topic))}:
            return topic
    return None


def _slug(name: str) -> str:
    kept = (each if each.isalnum() else " " for each in name.casefold())
    return "-".join("".join(kept).split())


def is_same_name(one: str, other: str) -> bool:
    """Compare the names of two topics as people do: capitals and space do not count."""
    return _fold(one) == _fold(other)
