"""From what stands in a file to items, sources and blueprints: strictly."""

from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import TypeVar

from ecs_training.questions.rules.bank import (
    LETTERS,
    BankItem,
    Blueprint,
    Image,
    Jurisdiction,
    Outcome,
    ResitRule,
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
LONGEST_NOTE = 300
LONGEST_WAIT = 365  # days between a failure and the next attempt

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
        line=every.fields[name].line,
    )


def parse_blueprint(written: Written, *, file: str, name: str) -> Blueprint:
    """Raise BankError unless the id is that of the file and a pass can be reached.

    Left out, `minimums` are none and `resits` are the strictest: none without the course.
    """
    entry = Entry(written, file=file)
    entry.allow(
        needed=("id", "version", "minutes", "pass_mark", "topics"),
        optional=("minimums", "resits"),
    )
    if entry.slug("id") != name:
        entry.refuse("id", f"must be {name!r}, as the file is named")
    topics = entry.group("topics")
    blueprint = Blueprint(
        id=name,
        version=entry.whole("version", least=1),
        minutes=entry.whole("minutes", least=1),
        pass_mark=entry.whole("pass_mark", least=1),
        topics={topic: topics.whole(topic, least=1) for topic in topics.fields},
        minimums=_minimums(entry, topics) if "minimums" in entry.fields else {},
        resits=_resits(entry) if "resits" in entry.fields else ResitRule(),
        lines=entry.lines(),
    )
    if blueprint.pass_mark > blueprint.total:
        entry.refuse("pass_mark", f"is more than the {blueprint.total} items drawn")
    return blueprint


def _minimums(entry: Entry, topics: Entry) -> dict[str, int]:
    minimums = entry.group("minimums")
    found = {topic: minimums.whole(topic, least=1) for topic in minimums.fields}
    for topic, least in found.items():
        if topic not in topics.fields:
            minimums.refuse(topic, "is none of the topics drawn")
        drawn = topics.whole(topic, least=1)
        if least > drawn:
            minimums.refuse(topic, f"is more than the {drawn} items drawn")
    return found


def _resits(entry: Entry) -> ResitRule:
    resits = entry.group("resits")
    resits.allow(needed=("same_day", "wait_days", "attempts_per_course"))
    rule = ResitRule(
        same_day=resits.whole("same_day", least=0),
        wait_days=resits.whole("wait_days", least=1),
        attempts_per_course=resits.whole("attempts_per_course", least=1),
    )
    if rule.same_day >= rule.attempts_per_course:
        most = rule.attempts_per_course - 1
        resits.refuse("same_day", f"is more than the {most} left after the first")
    if rule.wait_days > LONGEST_WAIT:
        resits.refuse("wait_days", f"is longer than {LONGEST_WAIT} days")
    return rule


def parse_topic(
    written: Written,
    *,
    file: str,
    name: str,
    sources: Container[str],
    images: Mapping[str, str],
) -> tuple[list[BankItem], list[Fault]]:
    """Return the good items of one topic file, and a fault for each that is refused.

    `sources` holds the ids that may be cited; `images` maps the name of every picture in
    the folder to the SHA-256 of its bytes.
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
    entry: Entry, topic: str, sources: Container[str], images: Mapping[str, str]
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


def _cited(entry: Entry, sources: Container[str]) -> Entry:
    source = entry.group("source")
    source.allow(needed=("id", "clause", "checked_on"))
    name = source.text("id", longest=LONGEST_SOURCE)
    if name not in sources:
        message = f"{name!r} is not in sources.yaml"
        source.refuse("id", message, rule="source-exists")
    return source


def _options(entry: Entry) -> dict[str, str]:
    options = entry.group("options")
    options.allow(needed=LETTERS)
    texts = {letter: options.text(letter, longest=LONGEST_OPTION) for letter in LETTERS}
    seen: dict[str, str] = {}
    for letter, text in texts.items():
        same = " ".join(text.casefold().split())
        if same in seen:
            message = f"says the same as option {seen[same]}"
            options.refuse(letter, message, rule="like-options")
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
        message = f"{file!r} is not in the folder images"
        image.refuse("file", message, rule="image-exists")
    alt = image.text("alt", longest=LONGEST_OPTION)
    return Image(file=file, alt=alt, sha256=images[file])


def _reviews(entry: Entry) -> tuple[Review, ...]:
    newest = entry.whole("revision", least=1)
    return tuple(
        _review(review, newest) for review in entry.groups("reviews", path="reviews")
    )


def _review(entry: Entry, newest: int) -> Review:
    entry.allow(needed=("on", "outcome"), optional=("revision", "note"))
    revision = entry.whole("revision", least=1) if "revision" in entry.fields else None
    if revision and revision > newest:
        entry.refuse("revision", f"the item has no revision after {newest}")
    note = entry.text("note", longest=LONGEST_NOTE) if "note" in entry.fields else None
    return Review(
        on=entry.day("on"),
        outcome=entry.one_of("outcome", Outcome),
        revision=revision,
        note=note,
    )
