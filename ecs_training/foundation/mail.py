"""Putting an e-mail together and handing it to a mail server, or to a folder."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ecs_training.foundation import london
from ecs_training.foundation.references import new_reference
from ecs_training.foundation.settings import Settings

TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"
SECONDS_TO_WAIT = 20


class NotDelivered(Exception):
    """The mail server could not be reached or refused; the message is worth another try."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What one person is sent. `calendar` is a whole iCalendar text, `method` its METHOD."""

    to: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    calendar: str | None = None
    method: str | None = None


_pages = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text e-mails
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters.update(
    date=london.word_date, time=london.word_time, instant=london.word_instant
)


def word_letter(template: str, **facts: object) -> tuple[str, str]:
    """Render `templates/emails/<template>.txt`; its first line is the subject.

    Returns (subject, text). A name the template uses and is not given raises.
    """
    subject, _, text = (
        _pages.get_template(f"{template}.txt").render(facts).partition("\n")
    )
    return " ".join(subject.split()), text.strip() + "\n"


def deliver(letter: Letter, settings: Settings) -> None:
    """Hand a letter over, or raise NotDelivered. Opens no database."""
    message = compose(letter, settings)
    url = settings.mail_url
    if url.startswith("folder:"):
        _drop(message, Path(url.removeprefix("folder:")))
        return
    try:
        _post(message, url)
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def compose(letter: Letter, settings: Settings) -> EmailMessage:
    """Build the MIME message: text, and for an invitation the calendar as its alternative.

    The `method` parameter must equal METHOD in the calendar (RFC 6047), or Outlook shows
    the raw lines.
    """
    message = EmailMessage()
    message["From"] = Address(settings.provider_name, addr_spec=settings.mail_from)
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.calendar and letter.method:
        message.add_alternative(
            letter.calendar.encode(),
            maintype="text",
            subtype="calendar",
            params={"charset": "UTF-8", "method": letter.method},
            filename="invite.ics",
            disposition="inline",
        )
    return message


def _drop(message: EmailMessage, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = new_reference()
    unfinished = folder / f"{name}.part"
    unfinished.write_bytes(bytes(message))
    unfinished.rename(folder / f"{name}.eml")


def _post(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    host, port = parts.hostname or "localhost", parts.port or 0
    with kind(host, port, timeout=SECONDS_TO_WAIT) as server:
        if parts.scheme == "smtp+starttls":
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
