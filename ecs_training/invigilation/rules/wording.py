"""What the pages of a room say of each thing that can be done there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from ecs_training.invigilation.rules.actions import Deed


@dataclass(frozen=True, kw_only=True)
class DeedWords:
    """`button` stands on the board, `title` heads the page that asks why."""

    button: str
    title: str
    explains: str
    press: str
    done: str


WORDS: Mapping[Deed, DeedWords] = {
    Deed.HOLD: DeedWords(
        button="Stop the clock",
        title="Stop the clock",
        explains="They see no question and lose no time. After 60 minutes the clock goes on"
        " by itself.",
        press="Stop the clock",
        done="The clock is stopped for",
    ),
    Deed.RESUME: DeedWords(
        button="Let it run",
        title="Let the clock run again",
        explains="They go on where they were, with the time that was left.",
        press="Let the clock run",
        done="The clock runs again for",
    ),
    Deed.EXTEND: DeedWords(
        button="Give time",
        title="Give more time",
        explains="The new time is on their screen within 15 seconds. A test that ended"
        " because time was up is opened again.",
        press="Give the time",
        done="More time was given to",
    ),
    Deed.MOVE: DeedWords(
        button="Move device",
        title="Move the test to another device",
        explains="The test stops where it is open. They sign in on the other device, open"
        " the test and press Continue here. The clock goes on: stop it first if they need"
        " a while.",
        press="Move the test",
        done="The test can be opened on another device by",
    ),
    Deed.ADMIT: DeedWords(
        button="Let in",
        title="Let somebody start",
        explains="They can start now, even if the others have not, or started long ago.",
        press="Let them start",
        done="The door is open for",
    ),
    Deed.END: DeedWords(
        button="End",
        title="Ask to end the test",
        explains="A second person must confirm it. Then the test ends, and the answers so far"
        " are marked and count.",
        press="Ask a second person",
        done="A second person was asked about",
    ),
    Deed.VOID: DeedWords(
        button="Void",
        title="Ask to void the attempt",
        explains="A second person must confirm it. Then the attempt is worth nothing, and a"
        " pass that stands on it is taken back. The answers are kept.",
        press="Ask a second person",
        done="A second person was asked about",
    ),
}


def word_people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
