"""What taking out every item that cites a source would leave. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.enough import items_missing
from ecs_training.questions.rules.papers import LiveItem
from ecs_training.questions.rules.standing import needed_by, topics_short, without


@dataclass(frozen=True, kw_only=True)
class TopicLine:
    """One topic before and after. `missing` counts enemies; `left` does not."""

    topic: str
    live: int
    cited: int
    needed: int
    missing: int

    @property
    def left(self) -> int:
        return self.live - self.cited


@dataclass(frozen=True, kw_only=True)
class RecallPlan:
    """`short`: the topics that a paper could not be filled from, with how many they lack.

    `digest` names exactly these items: whoever confirms must have seen them.
    """

    topics: tuple[TopicLine, ...]
    short: Mapping[str, int]
    digest: str


def plan_recall(
    live: Sequence[LiveItem], cited: Sequence[str], blueprints: Iterable[Blueprint]
) -> RecallPlan:
    """Return what is left of each topic that has cited items, in the order of the topics."""
    asked = list(blueprints)
    left = without(live, cited)
    lost = Counter(item.topic for item in live if item.code in set(cited))
    there = Counter(item.topic for item in live)
    needed = needed_by(asked)
    short = topics_short(live, left, asked)
    lacking: Counter[str] = Counter(short)
    for blueprint in asked:
        lacking |= items_missing(left, blueprint)
    lines = tuple(
        TopicLine(
            topic=topic,
            live=there[topic],
            cited=lost[topic],
            needed=needed.get(topic, 0),
            missing=lacking[topic],
        )
        for topic in sorted(lost)
    )
    told = ",".join(sorted(cited))
    return RecallPlan(
        topics=lines, short=short, digest=hashlib.sha256(told.encode()).hexdigest()
    )
