"""The scheme and our prices, read from the YAML files beside this module."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from reprlib import repr as shortened
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import yaml

from ecs_training.catalogue.rules import (
    CardRole,
    Line,
    LineKind,
    Price,
    Qualification,
    Scheme,
    Source,
)
from ecs_training.foundation.errors import NotFound

HERE = Path(__file__).parent
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # they stand in addresses
WHOLE = 100  # per cent
IN_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    date: "a date like 2026-01-31",
    list: "a list",
    dict: "a group of named fields",
}
Plain = TypeVar("Plain")


class SchemeError(ValueError):
    """A file of the catalogue is wrong. Says which file, where in it, and what."""


@cache
def scheme() -> Scheme:
    return read_scheme(HERE / "scheme.yaml")


@cache
def prices() -> tuple[Price, ...]:
    """Return our prices, oldest first. Money in whole pence."""
    return read_prices(HERE / "prices.yaml")


def card_role(slug: str) -> CardRole:
    """Raise NotFound for a role we do not teach."""
    role = scheme().role(slug)
    if role is None:
        raise NotFound
    return role


def read_scheme(path: Path) -> Scheme:
    """Raise SchemeError for a missing, unknown, repeated or mistyped field, or a broken promise.

    `shared` at the top holds the pieces that the rest repeats by YAML anchor.
    """
    raw = _parse(path)
    if isinstance(raw, dict):
        raw = {key: value for key, value in raw.items() if key != "shared"}
    found: Scheme = _typed(Scheme, raw, f"{path.name}: scheme")
    _refuse(path, _scheme_faults(found))
    return found


def read_prices(path: Path) -> tuple[Price, ...]:
    """Raise SchemeError for mistyped fields, no price at all, or dates that do not ascend."""
    found: tuple[Price, ...] = _typed(
        tuple[Price, ...], _parse(path), f"{path.name}: prices"
    )
    _refuse(path, _price_faults(found))
    return found


def _parse(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        raw: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # a ValueError for 30 February
        raise SchemeError(f"{path.name}: not YAML: {error}") from error
    _refuse(path, _repeated_keys(tree))
    return raw


def _refuse(path: Path, faults: Iterable[str]) -> None:
    for fault in faults:
        raise SchemeError(f"{path.name}: {fault}")


def _repeated_keys(node: yaml.Node | None) -> Iterator[str]:
    # Of two equal keys safe_load would silently keep the last.
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
    if isinstance(node, yaml.MappingNode):
        for name in _repeated(str(key.value) for key, _ in node.value):
            yield f"line {node.start_mark.line + 1}: {name!r} stands twice"
        for _, value in node.value:
            yield from _repeated_keys(value)


def _typed(hint: Any, raw: object, at: str) -> Any:
    """Return `raw` as the type `hint`, refusing all else: 2026.1 must not pass for text."""
    if isinstance(hint, UnionType):
        (wanted,) = set(get_args(hint)) - {NoneType}
        return None if raw is None else _typed(wanted, raw, at)
    if get_origin(hint) is tuple:
        items = enumerate(_plain(list, raw, at))
        return tuple(_typed(get_args(hint)[0], item, f"{at}[{n}]") for n, item in items)
    if is_dataclass(hint):
        return _entry(hint, _plain(dict, raw, at), at)
    if issubclass(hint, StrEnum):
        return _member(hint, raw, at)
    return _text(raw, at) if hint is str else _plain(hint, raw, at)


def _entry(kind: Any, raw: dict[object, object], at: str) -> Any:
    hints = get_type_hints(kind)
    needed = [field.name for field in fields(kind) if field.default is MISSING]
    for name in needed:
        if name not in raw:
            raise SchemeError(f"{at}: {name!r} is missing")
    for key in raw:
        if key not in hints:
            raise SchemeError(f"{at}: {key!r} is not a field here")
    return kind(
        **{
            name: _typed(hints[name], raw[name], f"{at}.{name}")
            for name in hints
            if name in raw
        }
    )


def _member(kind: type[StrEnum], raw: object, at: str) -> StrEnum:
    text = _text(raw, at)
    if text not in set(kind):
        raise SchemeError(f"{at}: {text!r} is none of {', '.join(kind)}")
    return kind(text)


def _plain(kind: type[Plain], raw: object, at: str) -> Plain:
    # The exact type: True is an int to Python, and a datetime is a date.
    if type(raw) is not kind:
        raise SchemeError(f"{at}: must be {IN_WORDS[kind]}, not {shortened(raw)}")
    return raw


def _text(raw: object, at: str) -> str:
    text = _plain(str, raw, at)
    if not text or text != text.strip():
        raise SchemeError(f"{at}: is empty, or has space around it")
    return text


def _scheme_faults(found: Scheme) -> Iterator[str]:
    for name, slugs in (
        ("roles", [role.slug for role in found.roles]),
        ("qualifications", [q.slug for q in found.qualifications]),
        ("families", [family.slug for family in found.families]),
    ):
        if not slugs:
            yield f"{name}: there are none"
        yield from _name_faults(slugs, name)
    if found.pass_valid_months < 1:
        yield "pass_valid_months: must be at least 1"
    for role in found.roles:
        yield from _role_faults(role, found)
    for qualification in found.qualifications:
        yield from _qualification_faults(qualification, found)
    for source in found.sources():
        yield from _source_faults(source, found)


def _role_faults(role: CardRole, found: Scheme) -> Iterator[str]:
    at = f"role {role.slug!r}"
    kinds = [line.kind for line in role.lines]
    if kinds[:1] != [LineKind.HSE] or kinds.count(LineKind.HSE) > 1:
        yield f"{at}: its first line, and no other, must be the hse line"
    yield from _name_faults([line.id for line in role.lines], f"{at}, lines")
    for line in role.lines:
        yield from _line_faults(line, f"{at}, line {line.id!r}")
    for other in role.choose_another:
        if other.role_slug == role.slug or found.role(other.role_slug) is None:
            yield f"{at}: {other.role_slug!r} is no other role to choose"


def _line_faults(line: Line, at: str) -> Iterator[str]:
    if line.kind is LineKind.HSE and not line.mandatory:
        yield f"{at}: the hse line is always mandatory"
    if line.valid_months is not None and line.valid_months < 1:
        yield f"{at}: valid_months must be at least 1, or null"
    if not line.regions or list(_repeated(line.regions)):
        yield f"{at}: must name each of its regions once"


def _qualification_faults(qualification: Qualification, found: Scheme) -> Iterator[str]:
    at = f"qualification {qualification.slug!r}"
    if qualification.valid_months < 1:
        yield f"{at}: valid_months must be at least 1"
    if not qualification.roles or list(_repeated(qualification.roles)):
        yield f"{at}: must name each of its roles once"
    for slug in qualification.roles:
        if found.role(slug) is None:
            yield f"{at}: {slug!r} is no known role"


def _source_faults(source: Source, found: Scheme) -> Iterator[str]:
    parts = urlsplit(source.url)
    if parts.scheme != "https" or not parts.netloc:
        yield f"source {source.title!r}: {source.url!r} is no https address"
    if source.checked_on < found.checked_on:
        yield f"source {source.title!r}: was last checked before the scheme's checked_on"


def _price_faults(found: tuple[Price, ...]) -> Iterator[str]:
    if not found:
        yield "there is no price"
    for n, price in enumerate(found):
        if price.net_pence < 1:
            yield f"prices[{n}].net_pence: must be at least 1"
        if not 0 <= price.vat_percent <= WHOLE:
            yield f"prices[{n}].vat_percent: must be from 0 to 100"
    for n, (earlier, later) in enumerate(pairwise(found), start=1):
        if later.from_on <= earlier.from_on:
            yield f"prices[{n}].from_on: must be later than the one before"


def _name_faults(names: Sequence[str], at: str) -> Iterator[str]:
    for name in _repeated(names):
        yield f"{at}: {name!r} stands twice"
    for name in names:
        if not SLUG.fullmatch(name):
            yield f"{at}: {name!r} is not lower-case words joined by hyphens"


def _repeated(names: Iterable[str]) -> Iterator[str]:
    return (name for name, times in Counter(names).items() if times > 1)
