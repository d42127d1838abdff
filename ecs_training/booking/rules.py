"""When a seat may be booked or given back. Pure: no database, no clock, no web."""

from enum import StrEnum


class Buyer(StrEnum):
    SELF = "self"
    COMPANY = "company"
