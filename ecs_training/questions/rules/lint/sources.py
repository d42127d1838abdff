"""That every item rests on a source, looked up not long ago."""

from collections.abc import Iterator
from datetime import date

from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.faults import Fault, fault_at

FILE = "sources.yaml"


def source_checked(item: BankItem, *, today: date) -> Iterator[Fault]:
    """Find a source that was looked up more than 12 months ago; or, mistyped, will be."""
    on = item.checked_on
    if on < _one_year_before(today):
        message = f"was checked on {on}, more than 12 months ago"
    elif _one_year_before(on) > today:
        message = f"is {on}, more than 12 months ahead"
    else:
        return
    yield fault_at(item, "source.checked_on", message, rule="source-checked")


def _one_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February, the 28th."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def source_edition(bank: Bank) -> Iterator[Fault]:
    """Find a source that was checked before its edition came out."""
    for item in bank.items:
        year = bank.sources[item.source].year
        if item.checked_on.year < year:
            message = f"is {item.checked_on}, but this edition is of {year}"
            yield fault_at(item, "source.checked_on", message, rule="source-checked")


def unused_sources(bank: Bank) -> Iterator[Fault]:
    """Find sources that no item cites, and the same title under two ids.

    Recall by source finds only what cites that very id.
    """
    cited = {item.source for item in bank.items}
    titles: dict[str, str] = {}
    for source in bank.sources.values():
        if source.id not in cited:
            message = "is cited by no item"
            yield _fault(source.id, source.line, "unused-source", message)
        title = " ".join(source.title.casefold().split())
        if title in titles:
            message = f"has the same title as {titles[title]}"
            yield _fault(source.id, source.line, "source-twice", message)
        titles.setdefault(title, source.id)


def _fault(source_id: str, line: int, rule: str, message: str) -> Fault:
    return Fault(file=FILE, line=line, field=source_id, rule=rule, message=message)
