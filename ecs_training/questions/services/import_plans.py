"""What an import would do, item by item, and what that depends on."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ecs_training.questions.formats import FoundItem, Verdict
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.importing import find_topic, is_same_name
from ecs_training.questions.services.pictures import CleanPicture

NEW = (Verdict.IMPORTED, Verdict.CHANGED)


@dataclass(frozen=True, kw_only=True)
class PlannedItem:
    """An item of a file and what comes of it.

    `code` is the one that it would get, or that of the item of the bank that it equals.
    `draft` is what would be written; None if nothing would. `wants_topic`: whether anything
    comes of it depends on its topic alone.
    """

    found: FoundItem
    verdict: Verdict
    reason: str
    topic: str | None = None  # of ours
    wants_topic: bool = False
    code: str | None = None
    draft: ItemDraft | None = None
    picture: CleanPicture | None = None


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """The items of a file, in its order.

    `strange_topics` are the file's names for topics that mean none of ours, whatever was
    chosen for them; `lacks_topics` says that items are there which name no topic. Both are
    of items to which it matters.
    """

    items: tuple[PlannedItem, ...]
    strange_topics: tuple[str, ...]
    lacks_topics: bool

    @property
    def new(self) -> list[PlannedItem]:
        return [item for item in self.items if item.verdict in NEW]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Return how many items have each verdict."""
        counted = Counter(item.verdict for item in self.items)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @cached_property
    def digest(self) -> str:
        """Name what would be done, so that somebody can confirm exactly that."""
        said = [(item.verdict.value, item.topic) for item in self.items]
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class TopicChoice:
    """Whose topics become which of ours (`topics`, all of them).

    `mapping` goes from names in the file to topics of ours; `default` is for items without
    a topic, or with one that means nothing here.
    """

    topics: Collection[str]
    mapping: Mapping[str, str]
    default: str | None

    def choose(self, name: str | None) -> str | None:
        for theirs, ours in self.mapping.items():
            if name and is_same_name(name, theirs):
                return ours
        return (find_topic(name, self.topics) if name else None) or self.default


@dataclass(frozen=True, kw_only=True)
class BankNow:
    """What the bank holds: `questions` by what they ask, `codes` and `sources` in use."""

    questions: Mapping[str, str]
    codes: Collection[str]
    sources: Collection[str]


def list_strange_topics(
    found: Iterable[FoundItem], *, topics: Collection[str]
) -> tuple[str, ...]:
    """Return the file's names for topics that mean none of `topics`, as they come."""
    names = dict.fromkeys(item.topic for item in found if item.topic)
    return tuple(name for name in names if not find_topic(name, topics))
