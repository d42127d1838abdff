"""What staff need of the bank's folder beside its items, which they have in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecs_training.questions.rules.bank import Blueprint, Source
from ecs_training.questions.rules.parsing import parse_sources
from ecs_training.questions.rules.terms import FILE as TERMS
from ecs_training.questions.rules.terms import parse_terms
from ecs_training.questions.rules.written import read_yaml
from ecs_training.questions.services.reading import SOURCES, read_blueprint


@dataclass(frozen=True, kw_only=True)
class BankPlan:
    sources: Mapping[str, Source]  # by id
    blueprints: tuple[Blueprint, ...]
    terms: frozenset[str]  # technical terms, in lower case

    @property
    def topics(self) -> list[str]:
        """Return the topics that any paper draws on."""
        return sorted({topic for each in self.blueprints for topic in each.topics})


def read_plan(folder: Path) -> BankPlan:
    """Read sources, blueprints and terms, not the items: that takes a hundredth of the time.

    Raise BankError for a blueprint that is wrong; a source that is wrong is left out.
    """
    written = read_yaml(_read(folder / SOURCES), file=SOURCES)
    sources, _ = parse_sources(written, file=SOURCES)
    names = sorted(path.stem for path in folder.glob("blueprints/*.yaml"))
    terms = folder / TERMS
    return BankPlan(
        sources=sources,
        blueprints=tuple(read_blueprint(folder, name) for name in names),
        terms=parse_terms(_read(terms))[0] if terms.exists() else frozenset(),
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
