"""Live items kept ready for drawing, for as long as the bank stays as it is."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from ecs_training.questions.queries.live import LiveState, live_items, read_live_state
from ecs_training.questions.rules import Blueprint, PaperMaker


@dataclass(frozen=True, kw_only=True)
class _Ready:
    state: LiveState
    blueprint: Blueprint
    maker: PaperMaker


# One a database and process. Two threads may both make it; what they make is the same.
_ready: WeakKeyDictionary[Engine | Connection, _Ready] = WeakKeyDictionary()


def ready_maker(db: Session, *, blueprint: Blueprint) -> PaperMaker:
    """Return the live items of this moment, ready for drawing.

    They are read and prepared again when any was approved, suspended, put back, retired or
    loaded since, and when papers were counted: every call asks the database whether.
    """
    # Asked first: what changes in between is noticed by the next call.
    state = read_live_state(db)
    ready = _ready.get(db.get_bind())
    if ready and ready.state == state and ready.blueprint == blueprint:
        return ready.maker
    maker = PaperMaker(live_items(db), blueprint)
    _ready[db.get_bind()] = _Ready(state=state, blueprint=blueprint, maker=maker)
    return maker
