"""From what stands in a file to items, sources and blueprints: strictly."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from ecs_training.questions.rules.bank import (
    LETTERS,
    BankItem,
    Blueprint,
    Image,
    Jurisdiction,
    Review,
    Source,
    Status,
)
from ecs_training.questions.rules.entries import SLUG, Entry
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.written import Written

# Characters; those of the database's columns.
LONGEST_STEM = 600
LONGEST_OPTION = 300
LONGEST_RATIONALE = 1200
LONGEST_SOURCE = 60
LONGEST_CLAUSE = 200
LONGEST_TITLE = 300

Parsed = TypeVar("Parsed")


def parse_sources(
    written: Written, *, file: str
) -> tuple[dict[str, Source], list[Fault]]:
    """Return the sources by id, and a fault for each that is refused."""
    every = Entry(written, file=file)
    parsed, faults = _each([partial(_source, every, name) for name in every.fields])
    return {source.id: source for source in parsed}, faults


def _source(every: Entry, name: str) -> Source:
    entry = every.group(name)
    if not SLUG.fullmatch(name) or len(name) > LONGEST_SOURCE:
        entry.refuse(None, "is not a short name in lower case")
    entry.allow(needed=("title", "year", "edition", "jurisdiction", "issuer"))
    return Source(
        id=name,
        title=entry.text("title", longest=LONGEST_TITLE),
        year=entry.whole("year", least=1),
        edition=entry.text("edition", longest=LONGEST_TITLE),
        jurisdiction=entry.one_of("jurisdiction", Jurisdiction),
        issuer=entry.text("issuer", longest=LONGEST_TITLE),
    )


def parse_blueprint(written: Written, *, file: str, name: str) -> Blueprint:
    """Raise BankError unless the id is that of the file and the pass mark can be reached."""
    entry = Entry(written, file=file)
    entry.allow(needed=("id", "version", "minutes", "pass_mark", "topics"))
    if entry.slug("id") != name:
        entry.refuse("id", f"must be {name!r}, as the file is named")
    topics = entry.group("topics")
    blueprint = Blueprint(
        id=name,
        version=entry.whole("version", least=1),
        minutes=entry.whole("minutes", least=1),
        pass_mark=entry.whole("pass_mark", least=1),
        topics={topic: topics.whole(topic, least=1) for topic in topics.fields},
    )
    if blueprint.pass_mark > blueprint.total:
        entry.refuse("pass_mark", f"is more than the {blueprint.total} items drawn")
    return blueprint


def parse_topic(
    written: Written,
    *,
    file: str,
    name: str,
    sources: Mapping[str, Source],
    images: Mapping[str, str],
) -> tuple[list[BankItem], list[Fault]]:
    """Return the good items of one topic file, and a fault for each that is refused.

    `images` maps the name of every picture in the folder to the SHA-256 of its bytes.
    Raise BankError where the file as a whole cannot be read.
    """
    entry = Entry(written, file=file)
    entry.allow(needed=("topic", "items"))
    if entry.slug("topic") != name:
        entry.refuse("topic", f"must be {name!r}, as the file is named")
    return _each(
        [
            partial(_item, one, name, sources, images)
            for one in entry.groups("items", path="")
        ]
    )


def _each(
    parsers: list[Callable[[], Parsed]],
) -> tuple[list[Parsed], list[Fault]]:
    """Try them all, so that an author hears of every item at once."""
    parsed: list[Parsed] = []
    faults: list[Fault] = []
    for parse in parsers:
        try:
            parsed.append(parse())
        except BankError as error:
            faults.append(error.fault)
    return parsed, faults


NEEDED = (
    "id",
    "revision",
    "status",
    "stem",
    "options",
    "key",
    "rationale",
    "source",
    "difficulty",
    "jurisdiction",
)


def _item(
    entry: Entry, topic: str, sources: Mapping[str, Source], images: Mapping[str, str]
) -> BankItem:
    if "id" in entry.fields:
        entry.item = entry.slug("id")
    entry.allow(needed=NEEDED, optional=("enemies", "image", "reviews"))
    source = _cited(entry, sources)
    return BankItem(
        code=entry.slug("id"),
        topic=topic,
        revision=entry.whole("revision", least=1),
        status=entry.one_of("status", Status),
        stem=entry.text("stem", longest=LONGEST_STEM),
        options=_options(entry),
        key=_key(entry),
        rationale=entry.text("rationale", longest=LONGEST_RATIONALE),
        source=source.text("id", longest=LONGEST_SOURCE),
        clause=source.text("clause", longest=LONGEST_CLAUSE),
        checked_on=source.day("checked_on"),
        difficulty=entry.share("difficulty"),
        jurisdiction=entry.one_of("jurisdiction", Jurisdiction),
        enemies=entry.texts("enemies") if "enemies" in entry.fields else (),
        image=_image(entry, images) if "image" in entry.fields else None,
        reviews=_reviews(entry) if "reviews" in entry.fields else (),
        file=entry.file,
        lines=entry.lines(),
    )


def _cited(entry: Entry, sources: Mapping[str, Source]) -> Entry:
    source = entry.group("source")
    source.allow(needed=("id", "clause", "checked_on"))
    name = source.text("id", longest=LONGEST_SOURCE)
    if name not in sources:
        source.refuse("id", f"{name!r} is not in sources.yaml")
    return source


def _options(entry: Entry) -> dict[str, str]:
    options = entry.group("options")
    options.allow(needed=LETTERS)
    texts = {letter: options.text(letter, longest=LONGEST_OPTION) for letter in LETTERS}
    seen: dict[str, str] = {}
    for letter, text in texts.items():
        same = " ".join(text.casefold().split())
        if same in seen:
            options.refuse(letter, f"says the same as option {seen[same]}")
        seen[same] = letter
    return texts


def _key(entry: Entry) -> str:
    key = entry.text("key", longest=LONGEST_OPTION)
    if key not in LETTERS:
        entry.refuse("key", f"{key!r} is none of {', '.join(LETTERS)}")
    return key


def _image(entry: Entry, images: Mapping[str, str]) -> Image:
    image = entry.group("image")
    image.allow(needed=("file", "alt"))
    file = image.text("file", longest=LONGEST_SOURCE)
    if file not in images:
        image.refuse("file", f"{file!r} is not in the folder images")
    alt = image.text("alt", longest=LONGEST_OPTION)
    return Image(file=file, alt=alt, sha256=images[file])


def _reviews(entry: Entry) -> tuple[Review, ...]:
    reviews = list(entry.groups("reviews", path="reviews"))
    for review in reviews:
        review.allow(needed=("on", "outcome"))
    return tuple(
        Review(
            on=review.day("on"), outcome=review.text("outcome", longest=LONGEST_OPTION)
        )
        for review in reviews
    )
