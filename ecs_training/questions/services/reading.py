"""The folder of a bank: sources.yaml, topics/, blueprints/, images/, and what is beside."""

import hashlib
from collections.abc import Callable, Collection, Container, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from ecs_training.questions.rules.bank import Bank, BankItem, Blueprint, Source
from ecs_training.questions.rules.checks import find_faults
from ecs_training.questions.rules.entries import SLUG
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.folders import BankFolder
from ecs_training.questions.rules.parsing import (
    parse_blueprint,
    parse_sources,
    parse_topic,
)
from ecs_training.questions.rules.recorded import FILE as RECORDED
from ecs_training.questions.rules.recorded import Recorded, parse_recorded
from ecs_training.questions.rules.terms import FILE as TERMS
from ecs_training.questions.rules.terms import parse_terms
from ecs_training.questions.rules.written import Written, read_yaml

SOURCES = "sources.yaml"
Value = TypeVar("Value")
# The good sources, and the ids of all that may be cited.
Cited = tuple[dict[str, Source], Container[str]]


def read_bank(folder: Path) -> Bank:
    """Read a whole folder; nothing is written. Raise BankError for the first fault."""
    bank, faults = _inspect(folder)
    if faults:
        raise BankError(faults[0], others=len(faults) - 1)
    return bank


def _inspect(folder: Path) -> tuple[Bank, list[Fault]]:
    read = read_folder(folder)
    # Of a half-read bank it would only be said that items are missing.
    return read.bank, [*read.faults] or list(find_faults(read.bank))


def read_blueprint(folder: Path, blueprint_id: str) -> Blueprint:
    """Raise BankError for a blueprint that is wrong, or not there."""
    file = f"blueprints/{blueprint_id}.yaml"
    if not SLUG.fullmatch(blueprint_id):
        raise BankError(Fault(file=file, message="is not the name of a blueprint"))
    return parse_blueprint(_read(folder, file), file=file, name=blueprint_id)


def read_folder(folder: Path) -> BankFolder:
    """Read all that a folder holds. What cannot be read is left out; `faults` tell of it."""
    if not folder.is_dir():
        nothing = Bank(sources={}, items=(), blueprints={})
        fault = Fault(file=f"{folder}", message="is not there, or is no folder")
        return BankFolder(bank=nothing, faults=(fault,))
    reader = _Reader(folder)
    pictures = reader.read_pictures()
    return BankFolder(
        bank=reader.read_bank(pictures),
        pictures=pictures,
        terms=reader.read_terms(),
        recorded=reader.read_recorded(),
        faults=tuple(reader.faults),
    )


class _Anything(Container[str]):
    """Stands for sources that could not be read: no citation is called wrong."""

    def __contains__(self, _: object) -> bool:
        return True


class _Reader:
    """Reads on where something is wrong, and keeps the faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []

    def _try(self, read: Callable[[], Value], otherwise: Value) -> Value:
        try:
            return read()
        except BankError as error:
            self.faults.append(error.fault)
            return otherwise

    def _keep(self, parsed: tuple[Value, list[Fault]]) -> Value:
        value, faults = parsed
        self.faults += faults
        return value

    def read_bank(self, pictures: Mapping[str, bytes]) -> Bank:
        nothing: Cited = ({}, _Anything())
        sources, known = self._try(self._read_sources, nothing)
        digests = {
            name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()
        }
        items: list[BankItem] = []
        for name in self._list_names("topics"):
            items += self._try(partial(self._read_topic, name, known, digests), [])
        read = [self._read_blueprint(name) for name in self._list_names("blueprints")]
        blueprints = {found.id: found for found in read if found}
        return Bank(sources=sources, items=tuple(items), blueprints=blueprints)

    def _read_sources(self) -> Cited:
        written = _read(self.folder, SOURCES)
        sources = self._keep(parse_sources(written, file=SOURCES))
        return sources, written.value

    def _read_topic(
        self, name: str, sources: Container[str], images: Mapping[str, str]
    ) -> list[BankItem]:
        file = f"topics/{name}.yaml"
        written = _read(self.folder, file)
        return self._keep(
            parse_topic(written, file=file, name=name, sources=sources, images=images)
        )

    def _read_blueprint(self, name: str) -> Blueprint | None:
        return self._try(partial(read_blueprint, self.folder, name), None)

    def _list_names(self, kind: str) -> Collection[str]:
        names = sorted(path.stem for path in self.folder.glob(f"{kind}/*.yaml"))
        if not names:
            place = f"{self.folder / kind}"
            self.faults.append(Fault(file=place, message="holds no YAML file"))
        return names

    def read_pictures(self) -> dict[str, bytes]:
        """Return what the files of images/ hold, but for hidden ones of the system."""
        pictures = {}
        for path in sorted(self.folder.glob("images/[!.]*")):
            name = f"images/{path.name}"
            data = self._try(partial(_read_bytes, self.folder, name), None)
            if data is not None:
                pictures[path.name] = data
        return pictures

    def read_terms(self) -> frozenset[str]:
        """Return the list, or none where a bank has no such file."""
        if not (self.folder / TERMS).exists():
            return frozenset()
        text = self._try(partial(_read_text, self.folder, TERMS), "")
        return self._keep(parse_terms(text))

    def read_recorded(self) -> dict[str, Recorded] | None:
        """Return what was ever live, or None where a bank never recorded it."""
        if not (self.folder / RECORDED).exists():
            return None
        return self._try(self._read_recorded, None)

    def _read_recorded(self) -> dict[str, Recorded] | None:
        return self._keep(parse_recorded(_read(self.folder, RECORDED)))


def _read(folder: Path, file: str) -> Written:
    return read_yaml(_read_text(folder, file), file=file)


def _read_text(folder: Path, file: str) -> str:
    data = _read_bytes(folder, file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fault = Fault(file=file, line=line, message="is not UTF-8 text")
        raise BankError(fault) from None


def _read_bytes(folder: Path, file: str) -> bytes:
    path = folder / file
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BankError(Fault(file=f"{path}", message="is not there")) from None
    except OSError as error:
        fault = Fault(file=f"{path}", message=f"cannot be read: {error.strerror}")
        raise BankError(fault) from None
