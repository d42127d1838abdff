"""What must hold between the files of a bank, and against what was loaded before."""

from collections.abc import Iterable, Iterator, Mapping

from ecs_training.questions.rules.bank import Bank, BankItem, Blueprint
from ecs_training.questions.rules.faults import Fault
from ecs_training.questions.rules.papers import BankTooSmall, LiveItem, draw_paper

PROBE = "can a paper be drawn at all"  # the seed of one trial paper


def find_faults(bank: Bank) -> Iterator[Fault]:
    """Yield repeated ids, enemies that are not there, and blueprints nobody could draw."""
    first: dict[str, BankItem] = {}
    for item in bank.items:
        if item.code in first:
            other = first[item.code]
            place = f"{other.file}, line {other.lines['id']}"
            yield _at(item, "id", f"is used before, in {place}")
        first.setdefault(item.code, item)
    for item in bank.items:
        yield from _enemy_faults(item, first)
    for blueprint in bank.blueprints.values():
        yield from _draw_faults(blueprint, bank.items)


def _enemy_faults(item: BankItem, known: Mapping[str, BankItem]) -> Iterator[Fault]:
    for code in item.enemies:
        if code == item.code:
            yield _at(item, "enemies", "an item is no enemy of itself")
        elif code not in known:
            yield _at(item, "enemies", f"there is no item {code!r}")


def _draw_faults(blueprint: Blueprint, items: Iterable[BankItem]) -> Iterator[Fault]:
    live = [_candidate(item) for item in items if item.is_live]
    try:
        draw_paper(live, blueprint, seed=PROBE)
    except BankTooSmall as error:
        file = f"blueprints/{blueprint.id}.yaml"
        yield Fault(file=file, field=f"topics.{error.topic}", message=str(error))


def _candidate(item: BankItem) -> LiveItem:
    return LiveItem(
        revision_id=item.revision,
        code=item.code,
        topic=item.topic,
        key=item.key,
        enemies=item.enemies,
    )


def why_not_load(item: BankItem, loaded: Mapping[int, str]) -> Fault | None:
    """Refuse a revision that says something else than before, or steps back.

    `loaded` maps each revision of the item that the database holds to its content hash.
    """
    if item.revision in loaded and loaded[item.revision] != item.content_hash:
        message = f"the content was changed; make it revision {max(loaded) + 1}"
        return _at(item, "revision", message)
    if loaded and item.revision < max(loaded):
        message = f"revision {max(loaded)} was loaded before; use a higher one"
        return _at(item, "revision", message)
    return None


def _at(item: BankItem, field: str, message: str) -> Fault:
    return Fault(
        file=item.file,
        line=item.lines[field],
        item=item.code,
        field=field,
        message=message,
    )
