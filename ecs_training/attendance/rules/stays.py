"""One stay of somebody in a meeting, and who they say they are. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME, LONGEST_EMAIL, LONGEST_ROLE = 200, 254, 40  # characters
ADDED_BY_TEAMS = re.compile(
    r"\(\s*(guest|external|unverified|gast|invité)\s*\)", re.IGNORECASE
)
COMPANY = re.compile(r"^\s*\[[^\]]*\]\s*")
LEADS = {
    "organizer",
    "organiser",
    "coorganizer",
    "co-organizer",
    "co-organiser",
    "presenter",
}


@dataclass(frozen=True, kw_only=True)
class Stay:
    """Instants in UTC; `email` is in small letters, and empty for most guests."""

    shown_name: str
    email: str
    role: str
    joined_at: datetime
    left_at: datetime

    @property
    def identity(self) -> str:
        """Who they are to us: the address, or the bare name where there is none."""
        return self.email or bare_name(self.shown_name)[:LONGEST_EMAIL] or "?"

    @property
    def leads(self) -> bool:
        """Say whether they came as an organiser or a presenter."""
        return self.role.casefold() in LEADS


def make_stay(
    shown_name: str, email: str, role: str, joined_at: datetime, left_at: datetime
) -> Stay:
    """Take what a report says, cut to what we keep and to what a database takes."""
    address = _storable(email).lower()
    return Stay(
        shown_name=_storable(shown_name)[:LONGEST_NAME],
        email=address if "@" in address and len(address) <= LONGEST_EMAIL else "",
        role=_storable(role)[:LONGEST_ROLE],
        joined_at=joined_at,
        left_at=left_at,
    )


def _storable(text: str) -> str:
    """One line without NUL and without halves of characters, which JSON may hold."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "")
    return " ".join(whole.split())


def bare_name(shown: str) -> str:
    """Reduce a name to its words in small plain letters, without what Teams or a firm added.

    "[Acme] Ó Súilleabháin, Seán (Guest)" is "sean o suilleabhain".
    """
    plain = COMPANY.sub("", ADDED_BY_TEAMS.sub(" ", shown))
    last, comma, first = plain.partition(",")
    if comma and "," not in first:
        plain = f"{first} {last}"
    letters = unicodedata.normalize("NFKD", plain.casefold())
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())
