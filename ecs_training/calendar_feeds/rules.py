"""What a feed shows, and which bytes. Pure."""

from enum import StrEnum


class FeedKind(StrEnum):
    TRAINER = "trainer"
    COMPANY = "company"
    CANDIDATE = "candidate"
