"""The folder of a bank: sources.yaml, topics/, blueprints/, images/."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecs_training.questions.rules.bank import Bank, BankItem, Blueprint
from ecs_training.questions.rules.checks import find_faults
from ecs_training.questions.rules.entries import SLUG
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.parsing import (
    parse_blueprint,
    parse_sources,
    parse_topic,
)
from ecs_training.questions.rules.written import Written, read_yaml


@dataclass(frozen=True, kw_only=True)
class BankCheck:
    """What a folder holds, and everything found wrong with it, in the order of its files."""

    live: int
    by_topic: Mapping[str, int]  # topic -> live items
    faults: tuple[Fault, ...]


def read_bank(folder: Path) -> Bank:
    """Read a whole folder; nothing is written. Raise BankError for the first fault."""
    bank, faults = _inspect(folder)
    if faults:
        raise BankError(faults[0], others=len(faults) - 1)
    return bank


def check_bank(folder: Path) -> BankCheck:
    """Find every fault of a folder; of a file that cannot be read at all, that alone."""
    try:
        bank, faults = _inspect(folder)
    except BankError as error:
        return BankCheck(live=0, by_topic={}, faults=(error.fault,))
    live = Counter(item.topic for item in bank.items if item.is_live)
    return BankCheck(live=live.total(), by_topic=live, faults=tuple(faults))


def read_blueprint(folder: Path, blueprint_id: str) -> Blueprint:
    """Raise BankError for a blueprint that is wrong, or not there."""
    file = f"blueprints/{blueprint_id}.yaml"
    if not SLUG.fullmatch(blueprint_id):
        raise BankError(Fault(file=file, message="is not the name of a blueprint"))
    return parse_blueprint(_read(folder, file), file=file, name=blueprint_id)


def _inspect(folder: Path) -> tuple[Bank, list[Fault]]:
    sources, faults = parse_sources(_read(folder, "sources.yaml"), file="sources.yaml")
    images = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("images/*")
        if path.is_file()
    }
    items: list[BankItem] = []
    for name in _names(folder, "topics"):
        file = f"topics/{name}.yaml"
        found, wrong = parse_topic(
            _read(folder, file), file=file, name=name, sources=sources, images=images
        )
        items += found
        faults += wrong
    blueprints = {
        name: read_blueprint(folder, name) for name in _names(folder, "blueprints")
    }
    bank = Bank(sources=sources, items=tuple(items), blueprints=blueprints)
    # Of a half-read bank it would only be said that items are missing.
    return bank, faults or list(find_faults(bank))


def _names(folder: Path, kind: str) -> list[str]:
    names = sorted(path.stem for path in folder.glob(f"{kind}/*.yaml"))
    if not names:
        raise BankError(Fault(file=f"{folder / kind}", message="holds no YAML file"))
    return names


def _read(folder: Path, file: str) -> Written:
    path = folder / file
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BankError(Fault(file=f"{path}", message="is not there")) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        fault = Fault(file=file, line=line, message="is not UTF-8 text")
        raise BankError(fault) from None
    except OSError as error:
        fault = Fault(file=f"{path}", message=f"cannot be read: {error.strerror}")
        raise BankError(fault) from None
    return read_yaml(text, file=file)
