"""The text of a topic file: what `parse_topic` reads, written as our authors write it."""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from ecs_training.questions.rules.bank import BankItem, Image, Review

TWO_PLACES = 2


def write_topic(topic: str, items: Iterable[BankItem]) -> str:
    """Return the file of one topic, its items in the order given."""
    lines = [f"topic: {_word(topic)}", "items:"]
    for item in items:
        lines += [
            f"{'  - ' if n == 0 else '    '}{each}"
            for n, each in enumerate(_fields(item))
        ]
    return "\n".join(lines) + "\n"


def _fields(item: BankItem) -> Iterator[str]:
    yield f"id: {_word(item.code)}"
    yield f"revision: {item.revision}"
    yield f"status: {item.status.value}"
    yield f"stem: {_text(item.stem)}"
    yield "options:"
    for letter, text in sorted(item.options.items()):
        yield f"  {letter}: {_text(text)}"
    yield f"key: {item.key}"
    yield f"rationale: {_text(item.rationale)}"
    yield (
        f"source: {{id: {_word(item.source)}, clause: {_text(item.clause)},"
        f" checked_on: {item.checked_on.isoformat()}}}"
    )
    yield f"difficulty: {_share(item.difficulty)}"
    yield f"jurisdiction: {item.jurisdiction.value}"
    yield f"enemies: [{', '.join(map(_word, item.enemies))}]"
    if item.image:
        yield _image(item.image)
    yield "reviews:" if item.reviews else "reviews: []"
    for review in item.reviews:
        yield f"  - {_review(review)}"


def _image(image: Image) -> str:
    return f"image: {{file: {_text(image.file)}, alt: {_text(image.alt)}}}"


def _review(review: Review) -> str:
    parts = [f"on: {review.on.isoformat()}"]
    if review.revision is not None:
        parts.append(f"revision: {review.revision}")
    parts.append(f"outcome: {review.outcome.value}")
    if review.note is not None:
        parts.append(f"note: {_text(review.note)}")
    return f"{{{', '.join(parts)}}}"


def _text(text: str) -> str:
    """Return a text in double quotes; what YAML would read otherwise is escaped."""
    return _dump(text, default_style='"')


def _word(word: str) -> str:
    """Return a short name, in quotes only where YAML would take it for something else."""
    return _dump(word)


def _dump(value: Any, **how: Any) -> str:
    dumped: str = yaml.safe_dump(value, allow_unicode=True, width=float("inf"), **how)
    return dumped.removesuffix("\n").removesuffix("\n...")


def _share(share: float) -> str:
    """Return a number that reads back as the same one, with two places at least."""
    short = f"{share:.{TWO_PLACES}f}"
    return short if float(short) == share else _dump(share)
