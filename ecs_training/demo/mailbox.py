"""The e-mails that the demo has sent, to look at: /demo/mail and /demo/mail.json."""

from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypedDict, cast

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ecs_training.foundation.web import settings

bp = Blueprint("demo", __name__)

MOST_SHOWN = 200  # on the page; the JSON has all


class Shown(TypedDict):
    to: str
    subject: str
    text: str
    ics: str | None
    sent_at: str


def read_folder(folder: Path) -> list[Shown]:
    """Return every delivered e-mail, the newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [_read(path) for path in reversed(files)]


def _read(path: Path) -> Shown:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    invitation = next(
        (part for part in message.walk() if part.get_content_type() == "text/calendar"),
        None,
    )
    sent_at = parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "text": cast(str, body.get_content()) if body else "",
        "ics": _decoded(invitation) if invitation else None,
        "sent_at": sent_at.isoformat().replace("+00:00", "Z"),
    }


def _decoded(part: object) -> str:
    content = cast(EmailMessage, part).get_payload(decode=True)
    return cast(bytes, content).decode()


def _folder() -> Path:
    return Path(settings().mail_url.removeprefix("folder:"))


@bp.get("/demo/mail")
def show_mail() -> str:
    letters = read_folder(_folder())
    return render_template("demo/mail.html", letters=letters[:MOST_SHOWN])


@bp.get("/demo/mail.json")
def show_mail_json() -> ResponseReturnValue:
    return cast(ResponseReturnValue, read_folder(_folder()))
