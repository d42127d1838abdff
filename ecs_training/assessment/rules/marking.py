"""Marking a frozen paper. Pure, so that any past attempt can be marked again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What counts for an item that was found wrong after it was asked.

    Withdrawn (`new_key` is None): everybody who had it gets the mark, answered or not.
    """

    new_key: str | None
    old_key_counts: bool = False

    def gives_the_mark(self, chosen: str | None, *, old_key: str) -> bool:
        if self.new_key is None:
            return True
        return chosen == self.new_key or (self.old_key_counts and chosen == old_key)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One item of a paper: its topic, its key and what was chosen, in the bank's letters."""

    topic: str
    key: str
    chosen: str | None
    ruling: Ruling | None = None

    @property
    def right(self) -> bool:
        if self.ruling:
            return self.ruling.gives_the_mark(self.chosen, old_key=self.key)
        return self.chosen == self.key


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a paper came to. `short_of`: topics with fewer right than their minimum."""

    score: int
    out_of: int
    passed: bool
    short_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TopicScore:
    topic: str
    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of


NO_MINIMUMS: Mapping[str, int] = MappingProxyType({})


def mark(
    answers: Iterable[Answer],
    *,
    pass_mark: int,
    minimums: Mapping[str, int] = NO_MINIMUMS,
) -> Result:
    """Score one mark per right answer; no answer is a wrong one and costs nothing more.

    To pass takes the pass mark and, topic by topic, the `minimums`: topic -> right answers.
    """
    topics = [(answer.topic, answer.right) for answer in answers]
    right = Counter(topic for topic, is_right in topics if is_right)
    short_of = tuple(topic for topic, least in minimums.items() if right[topic] < least)
    return Result(
        score=right.total(),
        out_of=len(topics),
        passed=right.total() >= pass_mark and not short_of,
        short_of=short_of,
    )


def score_by_topic(answers: Iterable[Answer]) -> tuple[TopicScore, ...]:
    """Return each topic's share of the score, in the order in which the paper has them."""
    marks: dict[str, list[bool]] = {}
    for answer in answers:
        marks.setdefault(answer.topic, []).append(answer.right)
    return tuple(
        TopicScore(topic=topic, right=sum(right), of=len(right))
        for topic, right in marks.items()
    )


def weakest_first(topics: Iterable[TopicScore]) -> tuple[TopicScore, ...]:
    """Order topics by share right; of equal shares, the one that cost more marks is first."""
    return tuple(
        sorted(topics, key=lambda topic: (topic.share, topic.right - topic.of))
    )
