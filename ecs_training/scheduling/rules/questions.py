"""What a person may answer when the timetable asks. Pure."""

from enum import StrEnum

from ecs_training.scheduling.rules.words import Answer, QuestionKind

# Moving or cancelling a published date is done on its own pages, and settles it as well.
ANSWERS = {
    QuestionKind.HOLIDAY_ON_PLAN: (Answer.RUN, Answer.SKIP, Answer.NEXT_WORKING_DAY),
    QuestionKind.NEW_HOLIDAY: (Answer.KEEP,),
    QuestionKind.BELOW_MINIMUM: (Answer.KEEP,),
}


class QuestionRefusal(StrEnum):
    ANSWERED = "Somebody has answered this already."
    OVERTAKEN = "This needs no answer any more: the date has changed or has passed."
    NO_SUCH_ANSWER = "Choose one of the answers."


def why_not_answer(
    kind: QuestionKind, *, answer: str, answered: bool, open_still: bool
) -> QuestionRefusal | None:
    reasons = {
        QuestionRefusal.ANSWERED: answered,
        QuestionRefusal.OVERTAKEN: not open_still,
        QuestionRefusal.NO_SUCH_ANSWER: answer not in ANSWERS[kind],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
