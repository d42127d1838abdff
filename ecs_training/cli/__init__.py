"""The `ecs-training` command. Exit 0 fine, 1 refused, 2 usage; errors in one line."""

import logging
import os
import sys
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from ecs_training.accounts.rules import Role, tidy_email
from ecs_training.accounts.services.people import grant_role
from ecs_training.cli.audit import audit
from ecs_training.cli.opening import open_product
from ecs_training.cli.questions import questions
from ecs_training.cli.statistics import count_statistics
from ecs_training.cli.timetable import holidays, timetable
from ecs_training.demo import server as demo_server
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Misconfigured, Refused
from ecs_training.foundation.migrations import is_current, upgrade
from ecs_training.foundation.settings import (
    Settings,
    read_settings,
    why_not_production,
)
from ecs_training.questions.rules import BankError
from ecs_training.reactions import REACTIONS
from ecs_training.recurring_jobs import run_forever

ROOT = Path(__file__).parents[2]
REQUESTS_PER_WORKER = 20_000  # then a fresh process, so that no leak grows for weeks


def main() -> None:
    """Run the command; turn every expected error into one line and exit 1."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a late tick is no news
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        ecs_training()
    except (Misconfigured, Refused, BankError) as error:
        _stop(str(error))
    except OperationalError as error:
        _stop(f"the database cannot be reached: {_first_line(error)}")
    except DBAPIError as error:
        _stop(f"the database refused: {_first_line(error)}")


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["no reason given"])[0]


def _stop(message: str) -> None:
    click.echo(f"ecs-training: {message}", err=True)
    sys.exit(1)


def _production() -> Settings:
    settings = read_settings(os.environ)
    if problem := why_not_production(settings):
        raise Misconfigured(problem)
    return settings


@click.group()
def ecs_training() -> None:
    """Book courses, sit assessments, open card applications."""


@ecs_training.command()
def serve() -> None:
    """Serve the web pages with gunicorn. Settings come from the environment."""
    settings = _production()
    database = Database(settings, REACTIONS)
    if not is_current(database.engine):
        raise Misconfigured(
            "the database is not migrated; run: ecs-training db upgrade"
        )
    database.engine.dispose()
    arguments = gunicorn_arguments(settings)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606


def gunicorn_arguments(settings: Settings) -> list[str]:
    """Return the options under which gunicorn serves us.

    Its control socket would let whoever runs as our user shut it down, so it is off.
    """
    return [
        "--chdir", str(ROOT),
        "--worker-class", "gthread",
        "--workers", str(settings.workers),
        "--threads", str(settings.threads),
        "--bind", settings.bind,
        "--max-requests", str(REQUESTS_PER_WORKER),
        "--max-requests-jitter", str(REQUESTS_PER_WORKER // 10),
        "--graceful-timeout", "8",
        "--no-control-socket",
        "--logger-class", "ecs_training.foundation.access_log.MaskingLogger",
        "wsgi:app",
    ]  # fmt: skip


@ecs_training.command()
def jobs() -> None:
    """Run the recurring jobs until told to stop. A second one beside it does no harm."""
    _production()
    settings, database, clock = open_product()
    run_forever(database, clock, settings)


@ecs_training.command()
def demo() -> None:
    """Serve a demo with people, dates and an open sitting, on 127.0.0.1 only.

    Honours PORT, DATABASE_URL and DEMO_CLOCK; writes var/demo.json, then prints Ready.
    """
    demo_server.run(os.environ, gunicorn_arguments)


@ecs_training.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the tables of this version."""
    _, database, _ = open_product()
    upgrade(database.engine)
    click.echo("The database is up to date.")


@ecs_training.group()
def staff() -> None:
    """Give people their roles."""


@staff.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Full name; the address until it is changed.")
def add_staff(email: str, role: str, name: str) -> None:
    """Give EMAIL a role. Somebody new is sent a link to choose a password."""
    email = tidy_email(email)
    if "@" not in email:
        raise click.BadParameter("must be an e-mail address", param_hint="EMAIL")
    _, database, clock = open_product()
    with database.transaction() as session:
        grant_role(
            session,
            email=email,
            full_name=name or email,
            role=Role(role),
            granted_by_id=None,
            now=clock(),
        )
    click.echo(f"{email} is {role}.")


ecs_training.add_command(audit)
ecs_training.add_command(questions)
ecs_training.add_command(count_statistics)
ecs_training.add_command(timetable)
ecs_training.add_command(holidays)
