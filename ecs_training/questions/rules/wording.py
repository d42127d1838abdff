"""Words for topics and places. Pure."""

from ecs_training.questions.rules.bank import Jurisdiction

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
JURISDICTIONS = {
    Jurisdiction.GB: "Great Britain",
    Jurisdiction.ENGLAND: "England only",
    Jurisdiction.WALES: "Wales only",
    Jurisdiction.SCOTLAND: "Scotland only",
    Jurisdiction.NORTHERN_IRELAND: "Northern Ireland only",
}


def word_topic(slug: str) -> str:
    """Name a topic for people; one that a bank of its own has is named by its slug."""
    return TOPICS.get(slug) or slug.replace("-", " ").capitalize()


def word_share(share: float) -> str:
    """Word the share of candidates who are expected to get an item right."""
    return f"{share * 100:.6g} of 100"
