"""What is the same in the app and the database of every test is worked out once a process.

Thousands of apps and engines are made. What they compile, addresses and statements, took a
third of the time of all tests.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 5000  # more than there are
PARTS = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")


def remember_addresses() -> None:
    """Compile each rule of the address map once; later apps take over the parts."""
    anew = Rule.compile
    known: dict[tuple[object, ...], dict[str, Any]] = {}

    def compile_rule(rule: Rule) -> None:
        facts = (rule.rule, rule.subdomain, rule.merge_slashes, str(rule.defaults))
        key = (type(rule.map), *facts, str(rule.methods), rule.endpoint)
        if key not in known:
            anew(rule)
            known[key] = {name: getattr(rule, name) for name in PARTS}
            return
        for name, part in known[key].items():
            bound = getattr(part, "__func__", None)
            setattr(rule, name, bound.__get__(rule) if bound else part)

    Rule.compile = compile_rule  # type: ignore[method-assign, assignment]


def remember_statements() -> None:
    """Let all engines of a dialect share what they have compiled.

    They differ in where they connect to; the compiled statement is found by its dialect.
    """
    begin = Engine.__init__
    compiled: dict[type[object], Any] = {}

    def begin_with_what_is_known(engine: Engine, *args: Any, **kwargs: Any) -> None:
        begin(engine, *args, **kwargs)
        shared = compiled.setdefault(type(engine.dialect), LRUCache(STATEMENTS))
        engine._compiled_cache = shared  # noqa: SLF001

    Engine.__init__ = begin_with_what_is_known  # type: ignore[method-assign, assignment]
    DefaultDialect.__eq__ = _same_kind  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(dialect: object) -> int:
    return hash(type(dialect))
