"""Carrying a plan through a form, and telling what is different in a later one."""

from collections import Counter
from dataclasses import dataclass

from ecs_training.changes.rules.plans import Plan


@dataclass(frozen=True, kw_only=True)
class Differences:
    """`new` are marks of lines that were not shown before, `gone` labels of those that were."""

    new: frozenset[str]
    gone: tuple[str, ...]


def write_lines(plan: Plan) -> str:
    """Return what a form carries of a plan: a mark and a label on each line."""
    return "\n".join(f"{mark} {' '.join(label.split())}" for mark, label in plan.lines)


def compare(shown: str, plan: Plan) -> Differences:
    """Tell a plan from the lines that somebody was shown. They may be anything: it is a form's."""
    before = [line.split(" ", 1) for line in shown.splitlines() if " " in line]
    now = Counter(mark for mark, _ in plan.lines)
    known = Counter(mark for mark, _ in before)
    return Differences(
        new=frozenset(now - known),
        gone=tuple(label for mark, label in before if mark not in now),
    )
