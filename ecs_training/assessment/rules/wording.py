"""Words for topics and results. Pure."""

from collections.abc import Iterable

from ecs_training.assessment.rules.marking import TopicScore

TOPICS = {
    "general": "General health and safety at work",
    "manual-handling": "Manual handling",
    "reporting-accidents": "Reporting accidents",
    "ppe": "Protective equipment (PPE)",
    "health-hygiene": "Health and hygiene",
    "fire-emergency": "Fire and emergency",
    "work-at-height": "Work at height",
    "work-equipment": "Work equipment",
    "special-site-hazards": "Special site hazards",
    "electrotechnical": "Electrotechnical",
    "environmental": "Environmental",
}


def word_topic(slug: str) -> str:
    """Name a topic for people; one that a bank of its own has is named by its slug."""
    return TOPICS.get(slug) or slug.replace("-", " ").capitalize()


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
