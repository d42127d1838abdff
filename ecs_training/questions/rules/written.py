"""YAML that remembers where each value stood and how it was typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from ecs_training.questions.rules.faults import BankError, Fault

# The same grammar in C, where PyYAML was built with it: fifteen times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What PyYAML raises for a date like 2026-02-30, or for `!!int x`.
_UNREADABLE = (yaml.YAMLError, ValueError, KeyError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A value of a file: a dict or list of these, or what YAML makes of a scalar.

    `typed` is a scalar's own text: YAML reads 1:4 as 64, and the author should see 1:4.
    """

    value: Any
    line: int
    typed: str = ""


def read_yaml(text: str, *, file: str) -> Written:
    """Read one document. Raise BankError for bad YAML, a repeated name or an alias."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise BankError(_not_yaml(error, file)) from None
    if node is None:
        raise BankError(Fault(file=file, line=1, message="is empty"))
    return _convert(node, file, set())


def _not_yaml(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    return Fault(
        file=file,
        line=mark.line + 1 if mark else None,
        message=f"is not YAML: {' '.join(said.split())}",
    )


def _convert(node: yaml.Node, file: str, seen: set[int]) -> Written:
    line = node.start_mark.line + 1
    if id(node) in seen:
        fault = Fault(file=file, line=line, message="an alias (*) may not be used")
        raise BankError(fault)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return Written(value=dict(_named(node, file, seen)), line=line)
    if isinstance(node, yaml.SequenceNode):
        values = [_convert(value, file, seen) for value in node.value]
        return Written(value=values, line=line)
    return Written(value=_scalar(node, file), line=line, typed=node.value)


def _named(
    node: yaml.MappingNode, file: str, seen: set[int]
) -> Iterator[tuple[str, Written]]:
    names: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        # A name is what was typed: YAML takes the `on` of a review for true.
        if not isinstance(key, yaml.ScalarNode):
            fault = Fault(file=file, line=line, message="a name must be text")
            raise BankError(fault)
        if key.value in names:
            # Of two equal names YAML would silently keep the last.
            fault = Fault(
                file=file, line=line, field=key.value, message="stands here twice"
            )
            raise BankError(fault)
        names.add(key.value)
        yield key.value, _convert(value, file, seen)


def _scalar(node: yaml.Node, file: str) -> Any:
    try:
        return SafeConstructor().construct_object(node)
    except _UNREADABLE:
        line = node.start_mark.line + 1
        message = f"{node.value!r} cannot be read; if it is text, put it in quotes"
        raise BankError(Fault(file=file, line=line, message=message)) from None
