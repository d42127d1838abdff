"""What `ecs-training questions import` and `export` do with the database."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import list_people_with_role
from ecs_training.accounts.rules import Role, tidy_email
from ecs_training.cli.opening import open_product
from ecs_training.cli.stopping import Stopped
from ecs_training.foundation.errors import NotFound
from ecs_training.questions.formats import FoundItem
from ecs_training.questions.services.bank_export import (
    BankExport,
    export_bank,
    refuse_if_behind,
)
from ecs_training.questions.services.exporting import (
    ExportFile,
    ExportWish,
    export_questions,
)
from ecs_training.questions.services.importing import (
    ImportReport,
    ImportSource,
    import_items,
)
from ecs_training.questions.services.plans import read_plan


def import_into_bank(
    items: Sequence[FoundItem],
    *,
    source: ImportSource,
    email: str,
    topics: Mapping[str, str],
    default_topic: str | None,
) -> ImportReport:
    """Write drafts of the member of staff with this address. Stopped if there is none."""
    settings, database, clock = open_product()
    bank = read_plan(settings.question_bank)
    with database.transaction() as db:
        return import_items(
            db,
            items,
            topics=topics,
            default_topic=default_topic,
            bank=bank,
            source=source,
            author_id=_staff(db, email).id,
            now=clock(),
        )


def _staff(db: Session, email: str) -> Person:
    wanted = tidy_email(email)
    for person in list_people_with_role(db, role=Role.STAFF):
        if person.email == wanted:
            return person
    raise Stopped(f"{wanted} is not staff; nothing was imported")


def export_from_bank(wish: ExportWish) -> ExportFile:
    """Make the file of what the database holds. Stopped if it would hold nothing."""
    _, database, clock = open_product()
    try:
        with database.transaction() as db:
            return export_questions(db, wish=wish, by_id=None, now=clock())
    except NotFound:
        raise Stopped("no such question in the database; nothing was written") from None


def write_bank_files(output: Path, *, folder: Path | None) -> BankExport:
    """Write the bank of the database as a folder; `folder` is the one it was loaded from."""
    settings, database, clock = open_product()
    source = folder or settings.question_bank
    with database.rehearsal() as db:
        refuse_if_behind(db, source=source, now=clock())
    try:
        with database.reading() as db:
            return export_bank(db, source=source, folder=output)
    except OSError as error:
        raise Stopped(f"{output}: cannot be written: {error.strerror}") from None
