"""Who may sign in, and with which password. Pure: no database, no clock, no web."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

MOST_WRONG_GUESSES = 10  # per account (Cyber Essentials: at most 10 in 5 minutes)
MOST_FROM_ONE_ADDRESS = 100  # a whole site may share one address
GUESSES_COUNT_FOR = timedelta(minutes=5)

SHORTEST_PASSWORD = 12  # characters; NCSC: length, not symbols
LONGEST_PASSWORD = 200
MOST_SITES = 100  # of one company; each may have a calendar
SIGNED_IN_FOR = timedelta(hours=12)
MOST_LINKS_AN_HOUR = 5  # e-mails that one address can be made to receive


class Role(StrEnum):
    TRAINER = "trainer"
    STAFF = "staff"


class LinkPurpose(StrEnum):
    CONFIRM_EMAIL = "confirm-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of a purpose
    INVITATION = "invitation"


LINK_LASTS = {
    LinkPurpose.CONFIRM_EMAIL: timedelta(days=2),
    LinkPurpose.RESET_PASSWORD: timedelta(minutes=60),
    LinkPurpose.INVITATION: timedelta(days=14),
}


class SignInRefusal(StrEnum):
    WRONG = (
        "That e-mail address and password do not belong together. Check both. If you have"
        " just registered, open the link in our e-mail first."
    )
    TOO_MANY = "Too many wrong passwords. Wait five minutes and try again, or reset your password."


class PasswordProblem(StrEnum):
    TOO_SHORT = (
        f"Use {SHORTEST_PASSWORD} characters or more. Four words in a row work well."
    )
    TOO_LONG = f"Use {LONGEST_PASSWORD} characters or fewer."
    TOO_PLAIN = "That password repeats or counts too simply. Use four words in a row."
    ABOUT_YOU = "Do not use your name or e-mail address in the password."


class LinkRefusal(StrEnum):
    SPENT = "This link has been used or is too old. Ask for a new one."


class SiteRefusal(StrEnum):
    NAME_TAKEN = "You have a site of that name already. Choose another name."
    TOO_MANY = f"{MOST_SITES} sites are the most. Close one that you no longer need."


def why_not_name_site(
    name: str, *, others: Sequence[str], adds: bool
) -> SiteRefusal | None:
    """Refuse a name that another open site has, however it is written, or one site too many."""
    if name.casefold() in {other.casefold() for other in others}:
        return SiteRefusal.NAME_TAKEN
    return SiteRefusal.TOO_MANY if adds and len(others) >= MOST_SITES else None


def why_not_sign_in(
    *,
    password_right: bool,
    wrong_guesses: int,
    wrong_from_address: int,
) -> SignInRefusal | None:
    """Refuse the right password too after too many guesses, or guessing would pay."""
    if (
        wrong_guesses >= MOST_WRONG_GUESSES
        or wrong_from_address >= MOST_FROM_ONE_ADDRESS
    ):
        return SignInRefusal.TOO_MANY
    return None if password_right else SignInRefusal.WRONG


def what_is_wrong_with(
    password: str, *, email: str, full_name: str
) -> PasswordProblem | None:
    """Judge a new password by length and by what a guesser tries first."""
    if len(password) < SHORTEST_PASSWORD:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordProblem.TOO_LONG
    if len(set(password.lower())) < 5 or _counts(password):  # noqa: PLR2004
        return PasswordProblem.TOO_PLAIN
    told = [email, email.partition("@")[0], full_name.replace(" ", "")]
    plain = password.lower().replace(" ", "")
    if any(len(word) > 3 and word.lower() == plain for word in told):  # noqa: PLR2004
        return PasswordProblem.ABOUT_YOU
    return None


def _counts(password: str) -> bool:
    """Say whether nearly every character only follows from the one before: abcd, 4321."""
    steps = [ord(b) - ord(a) for a, b in pairwise(password)]
    return sum(step in {-1, 0, 1} for step in steps) > 0.8 * len(steps)


def tidy_email(typed: str) -> str:
    """Return the one spelling under which an address is stored."""
    return typed.strip().lower()
