"""Why a calendar of somebody else's could not be had."""

from enum import StrEnum


class CalendarProblem(StrEnum):
    """Worded for the trainer whose calendar it is."""

    BAD_ADDRESS = (
        "The address must begin with https:// (or webcal://) and name a place on the"
        " internet, with nothing of yours to sign in with."
    )
    NOT_PUBLIC = (
        "That address leads into a private network. Only addresses on the public"
        " internet are read."
    )
    NOT_FOUND = "There is no such place on the internet. Check the address."
    NO_ANSWER = "The other side did not answer, or broke off. It is tried again."
    NOT_SECURE = "The other side could not prove who it is. Check the address."
    REFUSED = "The other side did not give the calendar out. Make its address anew."
    REDIRECTS = "The address leads on and on. Paste the one that it ends at."
    TOO_SLOW = "The other side took longer than 10 seconds. It is tried again."
    TOO_LARGE = "The calendar is larger than 1 MB. Share a smaller one."
    NOT_A_CALENDAR = "That is not a calendar. An .ics file or its address is needed."
    TOO_OFTEN = "Something in the calendar repeats many times a day. Take it out, then try again."
    TOO_MUCH = "There is more in the calendar than can be read. Share a smaller one."


class CalendarUnreadable(Exception):
    """The calendar could not be had. It never says where it was asked for: that is secret."""

    def __init__(self, problem: CalendarProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
