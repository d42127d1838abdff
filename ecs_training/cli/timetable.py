"""`ecs-training timetable` and `holidays`: dates and days off, from the command line."""

import click

from ecs_training.cli.opening import open_product
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.queries import list_plans
from ecs_training.scheduling.rules import Step
from ecs_training.scheduling.services import (
    extend_timetable,
    read_difference,
    refresh_holidays,
)


@click.group()
def timetable() -> None:
    """Look after the course dates."""


@timetable.command("extend")
@click.option("--weeks", type=click.IntRange(1, 52), help="How far ahead.")
@click.option("--dry-run", is_flag=True, help="Say what would be added; add nothing.")
def extend(weeks: int | None, *, dry_run: bool) -> None:
    """Add the dates of every weekly plan up to the horizon.

    Dates that exist are left alone: those are changed where a person sees what it does.
    """
    settings, database, clock = open_product()
    weeks = weeks or settings.timetable_weeks
    if dry_run:
        with database.reading() as session:
            today = london_date(clock())
            lines = [
                (line.on, plan.card_role)
                for plan in list_plans(session)
                if plan.last_on is None or plan.last_on >= today
                for line in read_difference(
                    session, ref=plan.ref, weeks=weeks, now=clock()
                ).difference.of(Step.ADD)
            ]
        for on, card_role in sorted(lines):
            click.echo(f"{on.isoformat()} {card_role}")
        click.echo(f"{len(lines)} dates would be added.")
        return
    with database.transaction() as session:
        added = extend_timetable(session, weeks=weeks, now=clock())
    click.echo(f"{added} dates added.")


@click.group()
def holidays() -> None:
    """Look after the bank holidays that weekly plans keep."""


@holidays.command("refresh")
def refresh() -> None:
    """Bring what the `holidays` library knows into the table, for three nations.

    Days typed in by hand stay, and so do those that somebody took out.
    """
    settings, database, clock = open_product()
    with database.transaction() as session:
        changed = refresh_holidays(session, weeks=settings.timetable_weeks, now=clock())
    for sign, days in (("+", changed.added), ("-", changed.dropped)):
        for nation, day, name in days:
            click.echo(f"{sign} {day.isoformat()} {nation.value}: {name}")
    click.echo(f"{len(changed.added)} added, {len(changed.dropped)} taken out.")
