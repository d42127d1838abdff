"""Every setting, read once from the environment, validated, and never read again.

The table in README.md lists the same names; a test compares the two.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from ecs_training.foundation.errors import Misconfigured

SHORTEST_KEY = 32  # characters
FEWEST_DIFFERENT = 8  # characters; "aaaa…" is long and worth nothing
SEEN_IN_EXAMPLES = ("changeme", "secret", "example", "password", "0123456789")

Text = Annotated[str, Field(min_length=1)]


class Settings(BaseModel):
    """What an operator decides. Each field is the environment variable in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: Text = Field(
        default="sqlite:///var/ecs-training.db",
        description="SQLite file or `postgresql+psycopg://…`",
    )
    secret_key: str = Field(
        default="",
        repr=False,
        description="signs cookies; at least 32 random characters; required",
    )
    base_url: Text = Field(
        default="http://127.0.0.1:8000",
        description="public address, for links in e-mails and calendars; https in production",
    )
    debug: bool = Field(default=False, description="refused by `serve` and `jobs`")
    secure_cookies: bool = Field(
        default=True, description="`__Host-` cookies, over https only"
    )
    mail_url: Text = Field(
        default="folder:var/mail",
        description="`smtp://`, `smtp+starttls://` or `smtps://` `user:password@host:port`, or `folder:path`",
    )
    mail_from: Text = Field(
        default="bookings@ecs-training.example",
        description="sender of e-mails and organiser of invitations",
    )
    calendar_domain: Text = Field(
        default="ecs-training.example",
        description="ends every calendar UID; never change it once people subscribe",
    )
    provider_name: Text = Field(
        default="MJ Training Solutions",
        description="shown in header, e-mails, invoices",
    )
    provider_address: Text = Field(
        default="1 Example Street, Exampleton, EX1 1EX",
        description="postal address, lines parted by commas",
    )
    provider_phone: Text = Field(
        default="01632 960 118", description="shown to people who need help"
    )
    provider_email: Text = Field(
        default="hello@ecs-training.example", description="where enquiries go"
    )
    provider_hours: Text = Field(
        default="Monday to Friday, 8am to 5pm", description="when somebody answers"
    )
    provider_vat_number: Text = Field(
        default="GB 000 0000 00", description="printed on invoices"
    )
    question_bank: Path = Field(
        default=Path("question_bank"),
        description="folder of blueprints, topics and sources; may be mounted privately",
    )
    timetable_weeks: int = Field(
        default=12, ge=1, le=52, description="how far ahead dates are published"
    )
    turn_round_minutes: int = Field(
        default=30,
        ge=0,
        le=240,
        description="rest of a trainer between two courses",
    )
    teams_meetings: Literal["manual", "graph"] = Field(
        default="manual",
        description="`manual`: people type the joining links; `graph`: Microsoft Graph makes the meetings",
    )
    graph_tenant: str = Field(
        default="", description="with `graph`: Microsoft's id of your organisation"
    )
    graph_client_id: str = Field(
        default="", description="with `graph`: id of the app registered there"
    )
    graph_client_secret: str = Field(
        default="", repr=False, description="its secret; or a certificate instead"
    )
    graph_certificate: str = Field(
        default="",
        description="path of a PEM file with its certificate and private key; better than a secret",
    )
    graph_organiser: str = Field(
        default="",
        description="with `graph`: object id of the person whose meetings they are",
    )
    graph_url: Text = Field(
        default="https://graph.microsoft.com/v1.0", description="Microsoft Graph"
    )
    graph_login_url: Text = Field(
        default="https://login.microsoftonline.com",
        description="where the app signs in",
    )
    graph_seconds: int = Field(
        default=20, ge=1, le=120, description="how long Microsoft may take to answer"
    )
    transport_grace_seconds: int = Field(
        default=10,
        ge=0,
        le=60,
        description="how long an answer made in time may take to reach us",
    )
    proxy_count: int = Field(
        default=0,
        ge=0,
        le=5,
        description="trusted proxies in front; 0 ignores every X-Forwarded header",
    )
    bind: Text = Field(
        default="127.0.0.1:8000", description="address and port that `serve` listens on"
    )
    workers: int = Field(default=2, ge=1, le=64, description="web processes")
    threads: int = Field(default=8, ge=1, le=64, description="threads in each")
    banner: str = Field(
        default="", description="a sentence above every page; empty for none"
    )
    style_guide: bool = Field(
        default=False, description="show every piece of our pages at /style-guide"
    )
    demo_pages: bool = Field(
        default=False,
        description="the demo's mailbox; loopback addresses only",
    )
    clock_shift_seconds: float = Field(
        default=0, description="the demo's clock, moved; refused in production"
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            msg = "must be like https://training.example.org, without a path"
            raise ValueError(msg)
        return url

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            msg = "must begin with sqlite:/// or postgresql+psycopg://"
            raise ValueError(msg)
        return url


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Take our settings from the environment, or raise Misconfigured naming the first fault."""
    given = {
        name: environment[name.upper()]
        for name in Settings.model_fields
        if name.upper() in environment
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise Misconfigured(f"{name}: {first['msg']}") from None
    if problem := _why_not_graph(settings):
        raise Misconfigured(problem)
    return settings


def _why_not_graph(settings: Settings) -> str | None:
    """Say what is missing before Microsoft Graph can make meetings, or None."""
    if settings.teams_meetings != "graph":
        return None
    needed = ("graph_tenant", "graph_client_id", "graph_organiser")
    for name in needed:
        if not getattr(settings, name):
            return f"{name.upper()}: is needed where TEAMS_MEETINGS is graph"
    if bool(settings.graph_client_secret) is bool(settings.graph_certificate):
        return "GRAPH_CLIENT_SECRET, GRAPH_CERTIFICATE: set one of the two"
    if settings.graph_certificate and not Path(settings.graph_certificate).is_file():
        return "GRAPH_CERTIFICATE: there is no such file"
    return None


def why_not_production(settings: Settings) -> str | None:
    """Say what must change before real people are served, or None."""
    problems = {
        "DEBUG: must be off": settings.debug,
        "DEMO_PAGES, CLOCK_SHIFT_SECONDS: are for the demo only": settings.demo_pages
        or settings.clock_shift_seconds != 0,
        f"SECRET_KEY: {_weakness(settings.secret_key)}": _weakness(settings.secret_key),
        "BASE_URL: must begin with https://": not settings.base_url.startswith(
            "https://"
        ),
        "SECURE_COOKIES: must be on": not settings.secure_cookies,
        "MAIL_URL: must be a mail server, or nobody gets any e-mail": (
            settings.mail_url.startswith("folder:")
        ),
        "GRAPH_URL, GRAPH_LOGIN_URL: must begin with https://": not (
            settings.graph_url.startswith("https://")
            and settings.graph_login_url.startswith("https://")
        ),
    }
    return next((problem for problem, holds in problems.items() if holds), None)


def _weakness(key: str) -> str | None:
    if len(key) < SHORTEST_KEY:
        return f"needs at least {SHORTEST_KEY} characters; try: openssl rand -hex 32"
    if len(set(key)) < FEWEST_DIFFERENT:
        return "repeats too few characters; try: openssl rand -hex 32"
    if any(word in key.lower() for word in SEEN_IN_EXAMPLES):
        return "looks like an example; try: openssl rand -hex 32"
    return None
