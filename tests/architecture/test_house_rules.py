"""What the linters cannot see."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from ecs_training import tables
from ecs_training.foundation.database import Base, Database
from ecs_training.foundation.events import Event
from ecs_training.foundation.migrations import alembic_config
from ecs_training.foundation.settings import Settings
from ecs_training.reactions import REACTIONS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ecs_training"
NOT_SLICES = {"foundation", "demo", "cli"}
SLICES = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - NOT_SLICES

SHARED_TEMPLATES = {"shared", "emails", "errors", "demo"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40

# Everybody may open these without an account; a new name here is a decision.
PUBLIC = {
    "static",
    "livez",
    "readyz",
    "accounts.show_sign_in",
    "accounts.sign_in",
    "accounts.show_register",
    "accounts.create_account",
    "accounts.show_check_your_mail",
    "accounts.show_confirm_email",
    "accounts.use_confirm_email",
    "accounts.show_forgotten_password",
    "accounts.ask_for_reset",
    "accounts.choose_password",
    "booking.show_course",
    "booking.show_course_session",
    "calendar_feeds.download_timetable",
    "calendar_feeds.show_embedded_dates",
    "calendar_feeds.show_embedding",
    "calendar_feeds.show_private_feed",  # its address is the key
    "calendar_feeds.show_role_feed",
    "calendar_feeds.show_timetable",
    "portal.show_about",
    "portal.show_accessibility",
    "portal.show_cards",
    "portal.show_home",
    "portal.show_privacy",
    "portal.show_questions",
    "portal.send_enquiry",
    "portal.show_enquiry_sent",
    "portal.show_receipt_check",
    "portal.judge_receipt",
    "portal_api.show_public_keys",
    "portal.show_terms",
    "portal.show_why",
    "verification.show_pass",
    "verification.show_pass_json",
    "verification.show_verify",
    "verification.find_pass",
}


def _python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_only_the_database_module_ends_a_transaction() -> None:
    offenders = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in _python_files()
        if path != PACKAGE / "foundation/database.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}
    ]
    assert offenders == []


def test_nothing_below_asks_whether_this_is_the_demo() -> None:
    allowed = {"app.py", "cli/__init__.py", "foundation/settings.py"}
    offenders = [
        str(path.relative_to(PACKAGE))
        for path in _python_files()
        if "demo" in path.read_text().lower()
        and not str(path.relative_to(PACKAGE)).startswith("demo/")
        and str(path.relative_to(PACKAGE)) not in allowed
    ]
    assert offenders == []


def test_files_and_functions_keep_their_budget() -> None:
    too_long = []
    for path in _python_files():
        text = path.read_text()
        if text.count("\n") > LONGEST_FILE:
            too_long.append(f"{path.relative_to(PACKAGE)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    too_long.append(f"{path.name}:{node.name}: {length} lines")
    assert too_long == []


def test_every_template_folder_is_a_slice() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - SHARED_TEMPLATES <= SLICES


def test_no_template_carries_script_or_style() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in (ROOT / "templates").rglob("*.html")
        if (
            found := re.findall(
                r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:",
                path.read_text(),
            )
        )
    ]
    assert offenders == []


def test_the_import_contract_looks_inside_every_slice() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    inside = settings["tool"]["importlinter"]["contracts"][1]
    assert set(inside["containers"]) == {f"ecs_training.{name}" for name in SLICES}


def test_every_model_is_among_the_tables() -> None:
    assert {mapper.class_ for mapper in Base.registry.mappers} == set(tables.TABLES)


def test_every_event_has_its_reactions() -> None:
    written = {
        node.name
        for name in SLICES
        for path in (PACKAGE / name).glob("events.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    assert {event.__name__ for event in REACTIONS} == written
    assert all(issubclass(event, Event) for event in REACTIONS)


def test_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    heads = ScriptDirectory.from_config(alembic_config(database.engine)).get_heads()
    assert len(heads) == 1


def test_the_readme_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text()
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", readme, re.MULTILINE))
    expected = {
        name.upper(): f"`{field.default}`" if str(field.default) else "none"
        for name, field in Settings.model_fields.items()
    }
    assert {name: default.strip() for name, default in listed.items()} == expected


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_route_asks_who_is_there_unless_it_is_public(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # or it would answer before the guard
    addresses = app.url_map.bind("localhost")
    open_to_all = set()
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1")  # a number, and any text
        address = addresses.build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = app.test_client().open(address, method=method)
            sent_to_sign_in = answer.headers.get("Location", "").startswith("/sign-in")
            if not sent_to_sign_in and answer.status_code != 401:
                open_to_all.add(rule.endpoint)
    assert open_to_all == PUBLIC


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_unsafe_route_wants_a_token(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1")  # a number, and any text
        address = addresses.build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}:
            answer = app.test_client().open(address, method=method)
            # 401 where programs are told first that nobody is signed in
            assert answer.status_code in {400, 401}, f"{method} {rule}"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "/sign-in", "/nothing-here", "/livez", "/static/css/tokens.css"):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert client.post("/sign-in").headers["Content-Security-Policy"]  # a refusal too
