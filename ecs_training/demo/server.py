"""Running the demo: data, web pages and recurring jobs together, on loopback only."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from ecs_training.demo.data import set_up
from ecs_training.foundation.clock import ShiftedClock, stopwatch, utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Misconfigured
from ecs_training.foundation.events import Reactions
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings, read_settings
from ecs_training.reactions import REACTIONS
from ecs_training.recurring_jobs import start_beside

ROOT = Path(__file__).parents[2]
VAR = ROOT / "var"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 9
BANNER = "Demo. People and dates are invented; read the e-mails at /demo/mail."


def run(
    environment: Mapping[str, str],
    gunicorn_arguments: Callable[[Settings], list[str]],
) -> None:
    """Serve the demo until SIGTERM or SIGINT. Refuses a database that holds other people."""
    settings = read_demo_settings(environment)
    _claim_port(settings)
    VAR.mkdir(mode=0o700, exist_ok=True)
    database = Database(settings, REACTIONS)
    upgrade(database.engine)
    clock = ShiftedClock(timedelta(seconds=settings.clock_shift_seconds))
    quiet = Database(settings, without_mail(REACTIONS))
    facts = set_up(quiet, clock, settings)
    quiet.engine.dispose()
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    server = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "gunicorn", *gunicorn_arguments(settings)],
        env={**environment, **_as_environment(settings)},
        cwd=ROOT,
    )
    scheduler = start_beside(database, clock, settings)
    try:
        _wait_until_it_answers(settings, server, stopped)
        if not stopped.is_set():
            _write_facts(facts)
            print(f"Ready: {settings.base_url}", flush=True)  # noqa: T201
        while not stopped.wait(0.5) and server.poll() is None:
            pass
    finally:
        scheduler.shutdown(wait=False)
        _end(server)
    if not stopped.is_set():
        raise Misconfigured("the web server ended by itself; its last lines say why")


def without_mail(reactions: Reactions) -> Reactions:
    """Leave out the e-mails: nobody wants a hundred about what was booked before they came."""
    return {
        event: [react for react in follow if "notifications" not in react.__module__]
        for event, follow in reactions.items()
    }


def read_demo_settings(environment: Mapping[str, str]) -> Settings:
    """Take PORT, DATABASE_URL and DEMO_CLOCK from the environment; the rest is the demo's."""
    port = environment.get("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004
        raise Misconfigured("PORT: must be a number from 1 to 65535")
    return read_settings(
        {
            "DATABASE_URL": environment.get(
                "DATABASE_URL", f"sqlite:///{VAR / 'demo.db'}"
            ),
            "SECRET_KEY": secrets.token_hex(32),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "BIND": f"127.0.0.1:{port}",
            "SECURE_COOKIES": "false",
            "MAIL_URL": f"folder:{VAR / 'demo-mail'}",
            "QUESTION_BANK": environment.get(
                "QUESTION_BANK", str(ROOT / "question_bank")
            ),
            "BANNER": BANNER,
            "DEMO_PAGES": "true",
            "STYLE_GUIDE": "true",
            "CLOCK_SHIFT_SECONDS": str(_shift(environment.get("DEMO_CLOCK", ""))),
        }
    )


def _shift(demo_clock: str) -> float:
    if not demo_clock:
        return 0.0
    try:
        wanted = datetime.fromisoformat(demo_clock)
    except ValueError:
        raise Misconfigured(
            "DEMO_CLOCK: must be an instant like 2027-03-25T09:00:00Z"
        ) from None
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    return (wanted - utc_now()).total_seconds()


def _as_environment(settings: Settings) -> dict[str, str]:
    return {name.upper(): str(value) for name, value in settings.model_dump().items()}


def _claim_port(settings: Settings) -> None:
    host, _, port = settings.bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError:
            raise Misconfigured(
                f"port {port} is taken; choose another: PORT=8001 make run"
            ) from None


def _wait_until_it_answers(
    settings: Settings, server: subprocess.Popen[bytes], stopped: Event
) -> None:
    began = stopwatch()
    while server.poll() is None and not stopped.wait(0.1):
        try:
            urllib.request.urlopen(f"{settings.base_url}/readyz", timeout=2)  # noqa: S310
        except (urllib.error.URLError, OSError):
            if stopwatch() - began > SECONDS_TO_START:
                raise Misconfigured("the web server does not answer") from None
        else:
            return


def _write_facts(facts: dict[str, object]) -> None:
    path = VAR / "demo.json"
    path.unlink(missing_ok=True)
    with open(path, "w", opener=_private, encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
