"""Errors that every slice may raise."""

from enum import StrEnum


class Refused(Exception):
    """A rule said no. `reason` is worded for the person who asked.

    Raising rolls the transaction back. What must outlive a refusal (a wrong password that
    counts) is therefore returned, not raised: see accounts.services.record_sign_in.
    """

    def __init__(self, reason: StrEnum) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def slug(self) -> str:
        """Name the reason for programs: `data-refusal` on pages, `reason` in JSON."""
        return self.reason.name.lower().replace("_", "-")


class NotFound(Exception):
    """There is no such thing, as far as this person may know."""


class Misconfigured(Exception):
    """The settings cannot work; the message is one line that says what to change."""
