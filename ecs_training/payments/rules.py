"""How invoices are numbered and addressed. Pure."""

from enum import StrEnum


class Series(StrEnum):
    INVOICE = "INV"
    CREDIT_NOTE = "CN"


DIGITS = 6
CANCELLED_IN_TIME = "Cancelled while it was free to cancel."


def word_number(series: Series, n: int) -> str:
    """Word the nth number of a series: INV-000123."""
    return f"{series}-{n:0{DIGITS}}"


def billed_to(*, company: tuple[str, str] | None, full_name: str, email: str) -> str:
    """Return the lines of an invoice's address: a company's name and address, or a person's."""
    return "\n".join(company or (full_name, email))
