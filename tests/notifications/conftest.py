import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.jobs import send_mail
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.services import queue_letter
from tests.conftest import MovableClock


class Sink:
    """A mail server that keeps what it accepts and refuses one address.

    `meanwhile` runs before it answers anything about a recipient: it may take its time.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[EmailMessage] = []
        self.refused = ""
        self.meanwhile: Callable[[], object] = lambda: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        await asyncio.to_thread(self.meanwhile)
        if address == self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        self.messages.append(read_message(envelope.content))
        return "250 taken"

    def receivers(self) -> list[str]:
        return [str(message["To"]).partition("@")[0] for message in self.messages]


def read_message(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@dataclass(frozen=True)
class Post:
    """The outbox of one product, and the folder or server that it delivers to."""

    database: Database
    clock: MovableClock
    settings: Settings

    def queue(self, key: str, **changes: Any) -> int:
        """Queue a plain letter to <key>@example.org and return its id."""
        usual = {"to": f"{key}@example.org", "template": "registered_again"}
        with self.database.transaction() as db:
            queue_letter(db, key=key, now=self.clock(), **{**usual, **changes})
            return db.scalars(
                select(OutgoingEmail.id).where(OutgoingEmail.key == key)
            ).one()

    def send(self) -> int:
        return send_mail(self.database, self.clock, self.settings)

    def through(self, url: str) -> "Post":
        """Return the same outbox with another way out."""
        return replace(
            self, settings=self.settings.model_copy(update={"mail_url": url})
        )

    def letters(self) -> list[OutgoingEmail]:
        """Return every letter, oldest first."""
        with self.database.reading() as db:
            query = select(OutgoingEmail).order_by(OutgoingEmail.id)
            return list(db.scalars(query))

    def letters_to(self, *names: str) -> list[OutgoingEmail]:
        """Return the letters to <name>@example.org, of one or several people, oldest first."""
        addresses = {f"{name}@example.org" for name in names}
        return [letter for letter in self.letters() if letter.to in addresses]

    def in_folder(self) -> list[EmailMessage]:
        folder = Path(self.settings.mail_url.removeprefix("folder:"))
        return [read_message(path.read_bytes()) for path in folder.glob("*.eml")]


@pytest.fixture
def post(database: Database, clock: MovableClock, settings: Settings) -> Post:
    return Post(database, clock, settings)


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run a real SMTP server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink(f"smtp://127.0.0.1:{port}")
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()
