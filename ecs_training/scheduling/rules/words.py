"""Words that rows of the timetable hold."""

from enum import StrEnum


class Nation(StrEnum):
    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


class HolidayPolicy(StrEnum):
    """What a plan does on a bank holiday."""

    SKIP = "skip"
    NEXT_WORKING_DAY = "next-working-day"
    ASK = "ask"


class HolidaySource(StrEnum):
    LIBRARY = "library"
    BY_HAND = "by-hand"


class Answer(StrEnum):
    """What a person decides when the timetable asks."""

    RUN = "run"  # although it is a holiday
    SKIP = "skip"
    NEXT_WORKING_DAY = "next-working-day"
    KEEP = "keep"  # a published date runs as it is


class QuestionKind(StrEnum):
    HOLIDAY_ON_PLAN = "holiday-on-plan"  # a plan asks whether to run on a holiday
    NEW_HOLIDAY = "new-holiday"  # proclaimed after the date was published
    BELOW_MINIMUM = "below-minimum"
