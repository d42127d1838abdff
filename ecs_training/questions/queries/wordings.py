"""From a row to what it says."""

from ecs_training.questions.models import ItemRevision
from ecs_training.questions.rules.bank import Image, Jurisdiction
from ecs_training.questions.rules.drafting import ItemDraft


def draft_of(row: ItemRevision) -> ItemDraft:
    return ItemDraft(
        stem=row.stem,
        options=row.options,
        key=row.key,
        image=Image(**row.image) if row.image else None,
        rationale=row.rationale,
        source=row.source,
        clause=row.clause,
        checked_on=row.checked_on,
        difficulty=row.difficulty,
        jurisdiction=Jurisdiction(row.jurisdiction),
        enemies=tuple(row.enemies),
    )
