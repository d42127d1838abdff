"""What must hold between the files of a bank, and against what was loaded before."""

from collections.abc import Iterator, Mapping, Sequence

from ecs_training.questions.rules.bank import Bank, BankItem, Blueprint
from ecs_training.questions.rules.enough import items_missing
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.papers import BankTooSmall, LiveItem, draw_paper

PROBE = "can a paper be drawn at all"  # the seed of one trial paper


def find_faults(bank: Bank) -> Iterator[Fault]:
    """Yield repeated ids, enemies that are not there, and blueprints nobody could draw."""
    first: dict[str, BankItem] = {}
    for item in bank.items:
        if item.code in first:
            other = first[item.code]
            place = f"{other.file}, line {other.lines['id']}"
            yield fault_at(item, "id", f"is used before, in {place}", rule="unique-id")
        first.setdefault(item.code, item)
    for item in bank.items:
        yield from _enemy_faults(item, first)
    live = [drawable(item) for item in bank.items if item.is_live]
    for blueprint in bank.blueprints.values():
        yield from _draw_faults(blueprint, live)


def _enemy_faults(item: BankItem, known: Mapping[str, BankItem]) -> Iterator[Fault]:
    for code in item.enemies:
        if code == item.code:
            message = "an item is no enemy of itself"
            yield fault_at(item, "enemies", message, rule="enemies")
        elif code not in known:
            message = f"there is no item {code!r}"
            yield fault_at(item, "enemies", message, rule="enemies")


def _draw_faults(blueprint: Blueprint, live: Sequence[LiveItem]) -> Iterator[Fault]:
    missing = items_missing(live, blueprint)
    for topic, count in missing.items():
        there = sum(item.topic == topic for item in live)
        why = BankTooSmall(topic, live=there, needed=blueprint.topics[topic])
        yield _line_fault(blueprint, why, f"; {count} more needed")
    if not missing:  # what is left to find is enemies in different topics
        try:
            draw_paper(live, blueprint, seed=PROBE)
        except BankTooSmall as why:
            yield _line_fault(blueprint, why)


def _line_fault(blueprint: Blueprint, why: BankTooSmall, more: str = "") -> Fault:
    field = f"topics.{why.topic}"
    return Fault(
        file=f"blueprints/{blueprint.id}.yaml",
        line=blueprint.lines.get(field),
        field=field,
        rule="blueprint",
        message=f"{why}{more}",
    )


def drawable(item: BankItem) -> LiveItem:
    """Return what drawing needs of an item of the files: its revision stands for a row."""
    return LiveItem(
        revision_id=item.revision,
        code=item.code,
        topic=item.topic,
        key=item.key,
        enemies=item.enemies,
        difficulty=item.difficulty,
    )


def why_not_load(item: BankItem, loaded: Mapping[int, str]) -> Fault | None:
    """Refuse a revision that says something else than before, or steps back.

    `loaded` maps each revision of the item that the database holds to its content hash.
    """
    if item.revision in loaded and loaded[item.revision] != item.content_hash:
        message = f"the content was changed; make it revision {max(loaded) + 1}"
        return fault_at(item, "revision", message)
    if loaded and item.revision < max(loaded):
        message = f"revision {max(loaded)} was loaded before; use a higher one"
        return fault_at(item, "revision", message)
    return None
