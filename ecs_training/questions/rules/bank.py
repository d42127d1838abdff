"""The bank as its files say it: items, the sources they rest on, and blueprints."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

LETTERS = ("a", "b", "c", "d")


class Status(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class Jurisdiction(StrEnum):
    GB = "gb"
    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


class Outcome(StrEnum):
    """What came of a second reading by somebody who saw only the stem and the options."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    REWRITTEN = "rewritten"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A law, standard or guide that items rest on. `line` is its place in sources.yaml."""

    id: str
    title: str
    year: int
    edition: str
    jurisdiction: Jurisdiction
    issuer: str
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture beside the stem. The digest makes a redrawn picture a changed content."""

    file: str
    alt: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """A second reading; of `revision`, where the file says which one was read."""

    on: date
    outcome: Outcome
    revision: int | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class BankItem:
    """One item of a topic file.

    `lines` says on which line of `file` each field stands, and each part of one as
    `options.a` or `reviews.0`.
    """

    code: str
    topic: str
    revision: int
    status: Status
    stem: str
    options: Mapping[str, str]
    key: str
    rationale: str
    source: str
    clause: str
    checked_on: date
    difficulty: float
    jurisdiction: Jurisdiction
    enemies: tuple[str, ...] = ()
    image: Image | None = None
    reviews: tuple[Review, ...] = ()
    file: str = field(compare=False)
    lines: Mapping[str, int] = field(compare=False)

    @property
    def is_live(self) -> bool:
        return self.status is Status.LIVE

    @property
    def content_hash(self) -> str:
        """Name what a candidate is asked and marked by: any change needs a new revision."""
        content = {
            "stem": self.stem,
            "options": dict(self.options),
            "key": self.key,
            "image": asdict(self.image) if self.image else None,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ResitRule:
    """How often somebody may sit after one attendance of the course, and when.

    `same_day`: how many of their resits may follow a failure on its own day. Later ones
    wait until so many days after it, one at least. After `attempts_per_course`, counting
    the first, the course is to be attended again. What stands here is the strictest: no
    resit at all.
    """

    same_day: int = 0
    wait_days: int = 1
    attempts_per_course: int = 1


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """How a paper is made up: topic -> number of items. The pass mark counts right answers.

    `minimums` says how many of a topic must be right besides, for the topics that need it.
    `lines` says on which line of its file each field stands, those of topics as `topics.ppe`.
    """

    id: str
    version: int
    minutes: int
    pass_mark: int
    topics: Mapping[str, int]
    minimums: Mapping[str, int] = field(default_factory=dict)
    resits: ResitRule = ResitRule()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def total(self) -> int:
        return sum(self.topics.values())


@dataclass(frozen=True, kw_only=True)
class Bank:
    """A whole folder, in the order of its files."""

    sources: Mapping[str, Source]
    items: tuple[BankItem, ...]
    blueprints: Mapping[str, Blueprint]
