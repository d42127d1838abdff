"""Words for topics and results. Pure."""

from collections.abc import Iterable

from ecs_training.assessment.rules.marking import TopicScore
from ecs_training.questions.rules.wording import word_topic


def word_topics(topics: Iterable[TopicScore]) -> tuple[tuple[str, TopicScore], ...]:
    return tuple((word_topic(topic.topic), topic) for topic in topics)


def word_margin(*, score: int, pass_mark: int) -> str:
    """Say how far a score is from the pass mark."""
    over = score - pass_mark
    if over > 0:
        return f"{over} more than you needed."
    return "Exactly what you needed." if over == 0 else f"You were {-over} short."


def word_unanswered(count: int) -> str:
    """Head the page before the end: how many questions have no answer."""
    if count == 0:
        return "Every question has an answer"
    return (
        "1 question has no answer"
        if count == 1
        else f"{count} questions have no answer"
    )
