"""The floor: what Flask and SQLAlchemy cost alone, for three works, and icalendar for one.

Served, never shipped. Same Flask, same engine settings, same server as ours; no sign-in, no CSRF, no headers.
"""

import os
from datetime import UTC, datetime

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from sqlalchemy import ForeignKey, String, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.bench.dates import as_read_by_icalendar
from ecs_training.foundation.database import open_engine

PAGES = {
    "layout.html": """<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{% block title %}{% endblock %}</title></head>
<body><header><a href="/">Floor</a></header><main>{% block main %}{% endblock %}</main></body>
</html>""",
    "form.html": """{% extends "layout.html" %}
{% block title %}Question {{ n }}{% endblock %}
{% block main %}<form method="post" action="/rows/{{ n }}"><fieldset><legend><h1>{{ stem }}</h1></legend>
{% for value, text in options %}<div><input type="radio" id="option-{{ value }}" name="option" value="{{ value }}"{% if value == chosen %} checked{% endif %}><label for="option-{{ value }}">{{ text }}</label></div>
{% endfor %}</fieldset><button>Save</button></form>{% endblock %}""",
}
STEM = 'What comes before work on "dead" cable & plant?'
OPTIONS = [(letter, f"The answer that stands at <{letter}>") for letter in "abcde"]
ROWS = 200
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class FloorBase(DeclarativeBase):
    pass


class Row(FloorBase):
    __tablename__ = "floor_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(40), default="")


class Seat(FloorBase):
    __tablename__ = "floor_seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(ForeignKey("floor_rows.id"), index=True)
    value: Mapped[int]


def lay_floor(url: str) -> None:
    """Make the floor's tables, beside ours in the same database, and its rows."""
    engine = open_engine(url)
    with engine.begin() as connection:
        FloorBase.metadata.create_all(connection)
        connection.execute(insert(Row), [{"id": n + 1} for n in range(ROWS)])
    engine.dispose()


def create_floor() -> Flask:
    """Build the floor's app for gunicorn; DATABASE_URL says where its tables are."""
    app = Flask(__name__)
    app.jinja_env.loader = DictLoader(PAGES)
    engine = app.extensions["engine"] = open_engine(os.environ["DATABASE_URL"])
    rows = Row.metadata.tables["floor_rows"]

    def ready() -> str:
        return "ready\n"

    def form(n: int) -> str:
        return render_template(
            "form.html", n=n, stem=STEM, options=OPTIONS, chosen="abcde"[n % 5]
        )

    def save(n: int) -> ResponseReturnValue:
        value = request.get_json()["value"]
        with engine.begin() as connection:
            connection.execute(update(rows).where(rows.c.id == n).values(value=value))
        return {"saved": value}

    def book(n: int) -> ResponseReturnValue:
        value = request.get_json()["value"]
        with Session(engine) as db, db.begin():
            row = db.scalars(select(Row).where(Row.id == n).with_for_update()).one()
            db.add(Seat(row_id=row.id, value=value))
        return {"saved": value}

    def calendar() -> ResponseReturnValue:
        body: bytes = as_read_by_icalendar(NEW_YEAR).to_ical()
        return body, {"Content-Type": "text/calendar; charset=utf-8"}

    app.add_url_rule("/calendar", view_func=calendar)
    app.add_url_rule("/readyz", view_func=ready)
    app.add_url_rule("/form/<int:n>", view_func=form)
    app.add_url_rule("/rows/<int:n>", view_func=save, methods=["PUT"])
    app.add_url_rule("/rows/<int:n>/seats", view_func=book, methods=["POST"])
    return app
