"""What may be done with people in a room, and why. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class RoomAction(StrEnum):
    """What takes a second person before it is done."""

    END = "end"
    VOID = "void"


class Deed(StrEnum):
    """What an invigilator does with one person, with some or with all."""

    ADMIT = "admit"
    HOLD = "hold"
    RESUME = "resume"
    EXTEND = "extend"
    MOVE = "move"
    END = "end"
    VOID = "void"

    @property
    def as_request(self) -> RoomAction | None:
        """Return what a second person must confirm, if that is so."""
        return REQUESTS.get(self)


REQUESTS = {Deed.END: RoomAction.END, Deed.VOID: RoomAction.VOID}


class Reason(StrEnum):
    """Why something is done: worded for people, stored as a code."""

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")


class AdmitReason(Reason):
    CAME_LATE = "They came late"
    CONNECTION = "Their connection failed"
    DEVICE = "Their device failed"
    IDENTITY_CHECKED_LATE = "Their identity was checked late"
    OUR_MISTAKE = "We made a mistake"


class HoldReason(Reason):
    ALARM = "An alarm, or everybody had to leave"
    CONNECTION = "Their connection failed"
    DEVICE = "Their device failed"
    UNWELL = "They are not well"
    NOISE = "Noise or a disturbance"
    IDENTITY = "Their identity must be checked again"
    LOOK_INTO = "Something must be looked into"


class ExtendReason(Reason):
    CONNECTION = "Their connection failed"
    DEVICE = "Their device failed"
    ALARM = "An alarm, or everybody had to leave"
    NOISE = "Noise or a disturbance"
    UNWELL = "They are not well"
    ADJUSTMENT = "Agreed time was missing"
    OUR_MISTAKE = "We made a mistake"


class MoveReason(Reason):
    DEVICE = "Their device failed"
    CONNECTION = "Their connection failed"
    EASIER = "Another screen or keyboard is easier for them"
    WRONG_PLACE = "The test was open in the wrong place"


class EndReason(Reason):
    ASKED = "They asked to stop"
    UNWELL = "They are not well"
    LEFT = "They left and did not come back"
    BROKE_RULES = "They broke the rules"
    ALARM = "An alarm, or everybody had to leave"


class VoidReason(Reason):
    """Read by the person, too: it stands on their result."""

    HELPED = "Somebody else helped"
    NOTES = "Notes, a book or a telephone were used"
    NOT_THEM = "Another person sat the test"
    COPIED = "Questions were copied or photographed"
    NOT_FAIR = "It could not be a fair test"
    OUR_MISTAKE = "We made a mistake"


# Letting the clock run again needs no reason: the hold had one.
REASONS: Mapping[Deed, type[Reason]] = {
    Deed.ADMIT: AdmitReason,
    Deed.HOLD: HoldReason,
    Deed.EXTEND: ExtendReason,
    Deed.MOVE: MoveReason,
    Deed.END: EndReason,
    Deed.VOID: VoidReason,
}
GAP = "outage"  # the reason of time that is given back for a silence
_WORDS = {
    reason.code: reason.value for reasons in REASONS.values() for reason in reasons
}
_BY_RULE = {
    GAP: "Nothing was heard of their page",
    "adjustment": "Agreed time was missing",
    "invigilator": "The clock was stopped by the invigilator",
    "rest": "A break that was agreed",
}


def word_reason(code: str) -> str:
    """Word a stored code; one that no list has any more stays as it is."""
    return _WORDS.get(code) or _BY_RULE.get(code, code)


class ActRefusal(StrEnum):
    """Why something cannot be done for somebody who was chosen."""

    NOT_STARTED = "They have not started."
    STARTED = "They have started already."
    FINISHED = "They have finished."
    VOIDED = "Their attempt was voided before."
    ADMITTED = "They were let in before."
    DOOR_OPEN = "The door is open. They can start by themselves."
    ROOM_CLOSED = "The assessment is closed."
    ASKED_ALREADY = "Somebody asked for this already. A second person must decide."


class RoomRefusal(StrEnum):
    """Why nothing was done at all."""

    NOBODY = "Tick at least one person."
    TIME_GIVEN = (
        "Since you opened this page, somebody gave them time. Look at how much time they"
        " have now, then decide again."
    )
    NOBODY_FITS = "There is nobody in the room for whom this can be done now."


# Deeds for a clock that runs, or could.
_WHILE_OPEN = {Deed.HOLD, Deed.RESUME, Deed.MOVE, Deed.END}


def why_not_act(
    deed: Deed, *, started: bool, finished: bool, voided: bool
) -> ActRefusal | None:
    """Return why nothing can be done for somebody, by how far they are; None if it may.

    Time may be given to somebody who has finished: whether their attempt opens again is
    for the rule of extending.
    """
    if deed is Deed.ADMIT:
        return ActRefusal.STARTED if started else None
    if not started:
        return ActRefusal.NOT_STARTED
    if voided:
        return ActRefusal.VOIDED
    return ActRefusal.FINISHED if finished and deed in _WHILE_OPEN else None


def why_not_admit(*, gated: bool, admitted: bool, closed: bool) -> ActRefusal | None:
    """Return why somebody with an entry need not, or cannot, be let in by name."""
    if closed:
        return ActRefusal.ROOM_CLOSED
    if not gated:
        return ActRefusal.DOOR_OPEN
    return ActRefusal.ADMITTED if admitted else None


class DoorRefusal(StrEnum):
    ROOM_CLOSED = "The assessment is closed. Nobody can start any more."
    SHUT_ALREADY = "The door is closed already."
    NOT_SHUT = "The door is open. Everybody can start by themselves."


def why_not_shut(*, waiting: bool, closed: bool) -> DoorRefusal | None:
    """Return why the door cannot be closed; `waiting`: people wait in front of it already."""
    if closed:
        return DoorRefusal.ROOM_CLOSED
    return DoorRefusal.SHUT_ALREADY if waiting else None


def why_not_release(*, waiting: bool, closed: bool) -> DoorRefusal | None:
    """Return why all cannot be let in together."""
    if closed:
        return DoorRefusal.ROOM_CLOSED
    return None if waiting else DoorRefusal.NOT_SHUT


class RequestRefusal(StrEnum):
    """Why a request to end or void an attempt is not decided or taken back."""

    SAME_PERSON = "You asked for this. Somebody else must confirm it."
    DECIDED = "This was decided before."
    WITHDRAWN = "This was taken back. There is nothing to decide."
    NOT_YOURS = "Only the person who asked can take this back. You can say no."
    FINISHED = "They have finished meanwhile. Say no, or let it be taken back."
    VOIDED = "Their attempt was voided meanwhile. Say no, or let it be taken back."
    NOBODY = "Tick at least one person."


def why_not_decide(
    *,
    action: RoomAction,
    own: bool,
    confirm: bool,
    decided: bool,
    withdrawn: bool,
    finished: bool,
    voided: bool,
) -> RequestRefusal | None:
    """Return why this person cannot decide; `own`: they asked for it themselves.

    What has become pointless can still be declined, so that it waits no longer.
    """
    if withdrawn:
        return RequestRefusal.WITHDRAWN
    if decided:
        return RequestRefusal.DECIDED
    if own:
        return RequestRefusal.SAME_PERSON
    if not confirm:
        return None
    if voided:
        return RequestRefusal.VOIDED
    ended = finished and action is RoomAction.END
    return RequestRefusal.FINISHED if ended else None


def why_not_withdraw(
    *, own: bool, decided: bool, withdrawn: bool
) -> RequestRefusal | None:
    if withdrawn:
        return RequestRefusal.WITHDRAWN
    if decided:
        return RequestRefusal.DECIDED
    return None if own else RequestRefusal.NOT_YOURS
