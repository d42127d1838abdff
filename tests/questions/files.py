"""Question files to import, and what is imported from them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PIL import Image

from ecs_training.questions.formats import (
    Format,
    FoundItem,
    FoundOption,
    FoundPicture,
    Verdict,
    read,
)
from ecs_training.questions.services.import_plans import ImportPlan
from ecs_training.questions.services.importing import (
    ImportReport,
    ImportSource,
    import_items,
    plan_import,
)
from tests.questions.desk import Desk

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>'
OPTIONS = ("Out of the door", "Into the lift", "Up to the roof", "Back to your desk")
GIFT = """\
// [id:shop-1]
$CATEGORY: $course$/top/fire

::one::The alarm rings. Where do you go? {
=Out of the door
~Into the lift
~Up to the roof
~Back to your desk
####The door leads out. A lift may stop.
}

Who may lift the <b>lid</b>? {=The fitter ~The guest ~The guard ~The cook}

Is it wet? {T}
"""
AIKEN = """\
What do you wear on your feet?
A. Trainers
B. Sandals
C. Safety boots
D. Slippers
ANSWER: C
"""


def found(
    stem: str = "Where do you go?", *, right: int = 0, **changes: Any
) -> FoundItem:
    """Return an item as a reader would."""
    item = FoundItem(
        stem=stem,
        options=tuple(
            FoundOption(text=text, correct=n == right) for n, text in enumerate(OPTIONS)
        ),
        verdict=Verdict.IMPORTED,
        reason="",
        line=1,
        topic="fire",
    )
    return replace(item, **changes)


def bank_item(n: int = 1, **changes: Any) -> FoundItem:
    """Return elec-00n of the bank of `banks.py` as a file would hold it."""
    texts = (
        "Test that it is dead",
        "Find the right circuit",
        "Lock the isolator",
        "Tell the others",
    )
    options = tuple(FoundOption(text=text, correct=text == texts[1]) for text in texts)
    stem = f"What comes first in elec-00{n}?"
    return found(stem, **{"options": options, "topic": "electrical", **changes})


def read_gift(text: str) -> list[FoundItem]:
    return read(text.encode(), format=Format.GIFT, name="shop.gift")


def make_plan(
    desk: Desk,
    items: Sequence[FoundItem],
    *,
    topics: Mapping[str, str] | None = None,
    default: str | None = None,
) -> ImportPlan:
    with desk.database.reading() as db:
        return plan_import(
            db, items, topics=topics or {}, default_topic=default, bank=desk.plan
        )


def import_all(
    desk: Desk,
    items: Sequence[FoundItem],
    *,
    topics: Mapping[str, str] | None = None,
    default: str | None = None,
    by: int = 0,
    seen: str | None = None,
) -> ImportReport:
    with desk.database.transaction() as db:
        return import_items(
            db,
            items,
            topics=topics or {},
            default_topic=default,
            bank=desk.plan,
            source=ImportSource(format=Format.GIFT, file_name="shop.gift"),
            author_id=by or desk.ann,
            now=desk.now,
            seen=seen,
        )


def verdicts(plan: ImportPlan) -> list[str]:
    return [item.verdict.value for item in plan.items]


def picture(data: bytes = SVG, alt: str = "A black corner") -> FoundPicture:
    return FoundPicture(name="corner", alt=alt, data=data)


def drawn(
    kind: str, *, size: tuple[int, int] = (8, 6), views: int = 1, colour: str = "red"
) -> bytes:
    """Return a picture file of PIL's kind of that name."""
    file = io.BytesIO()
    first, *more = (
        Image.new("RGB", size, colour if n == 0 else "blue") for n in range(views)
    )
    several = {"save_all": True, "append_images": more} if more else {}
    first.save(file, kind, **several)
    return file.getvalue()
