"""`ecs-training questions`: the bank's files, from the command line."""

from pathlib import Path

import click

from ecs_training.cli.opening import open_product
from ecs_training.cli.question_checks import check_questions, draw_questions
from ecs_training.cli.question_files import export_questions, import_questions
from ecs_training.questions.services import load_bank


@click.group()
def questions() -> None:
    """Look after the question bank."""


@questions.command("load")
@click.option("--folder", type=click.Path(path_type=Path), help="Bank folder.")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def load(folder: Path | None, *, dry_run: bool) -> None:
    """Load the bank's files into the database; loading twice changes nothing."""
    settings, database, clock = open_product()
    opened = database.rehearsal if dry_run else database.transaction
    with opened() as session:
        report = load_bank(
            session, folder=folder or settings.question_bank, now=clock()
        )
    for change in ("added", "revised", "retired", "annotated", "kept"):
        if codes := getattr(report, change):
            click.echo(f"{change}: {', '.join(codes)}")
    counts = [f"{number} {change}" for change, number in report.counts().items()]
    click.echo(f"{', '.join(counts)}.")
    if dry_run:
        click.echo("A dry run: nothing was changed.")


questions.add_command(check_questions)
questions.add_command(draw_questions)
questions.add_command(import_questions)
questions.add_command(export_questions)
