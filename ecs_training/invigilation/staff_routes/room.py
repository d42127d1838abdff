from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.assessment.rules.presence import Flag
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.invigilation.access import deed_of, room_of
from ecs_training.invigilation.forms import NEW_CODE, DeedForm, read_who
from ecs_training.invigilation.queries.outages import read_losses
from ecs_training.invigilation.queries.requests import list_waiting
from ecs_training.invigilation.queries.room import (
    count_news,
    count_time_given,
    list_chosen,
    read_board,
)
from ecs_training.invigilation.rules.actions import Deed, RoomRefusal
from ecs_training.invigilation.rules.board import Line, count_states, list_fit
from ecs_training.invigilation.rules.wording import WORDS, word_people
from ecs_training.invigilation.services.acting import (
    Order,
    Report,
    RoomRefused,
    carry_out,
)
from ecs_training.invigilation.services.crediting import credit_gaps
from ecs_training.invigilation.services.door import (
    DoorRefused,
    release_all,
    remove_room_code,
    set_room_code,
    shut_door,
)

bp = Blueprint("invigilation_room", __name__, url_prefix="/trainer/sittings/<ref>")

Missed = Sequence[tuple[str, str]]  # names, each with why not


@bp.get("")
@trainer_required
def show_room(ref: str) -> str:
    return _room_page(ref, done=_word_done())


def _word_done() -> str:
    """Word what the last press did, as the address says; nothing for an odd address."""
    people = request.args.get("people", "")
    done = {deed.value: words.done for deed, words in WORDS.items()}
    words = {**done, "credit": "Time was given back to"}.get(
        request.args.get("done", "")
    )
    if words is None or not people.isdecimal() or not people.isascii():
        return ""
    return f"{words} {word_people(int(people[:4]))}."


def _room_page(
    ref: str,
    *,
    refused: Refused | None = None,
    done: str = "",
    missed: Missed = (),
) -> str:
    moment = now()
    with reading() as db:
        sitting = room_of(db, ref)
        board = read_board(db, sitting=sitting, now=moment)
        waiting = list_waiting(db, sitting_id=sitting.id)
        losses = read_losses(db, sitting_id=sitting.id, now=moment)
        news = count_news(db, sitting_id=sitting.id)
    return render_template(
        "invigilation/room.html",
        sitting=sitting,
        role=card_role(sitting.course_session.card_role),
        board=board,
        counts=count_states(board),
        waiting=waiting,
        losses=losses,
        news=news,
        words=WORDS,
        flags=Flag,
        refused=refused,
        done=done,
        missed=missed,
    )


@bp.get("/board")
@trainer_required
def show_board(ref: str) -> ResponseReturnValue:
    """Tell how everybody is at this moment; the page asks every few seconds."""
    moment = now()
    with reading() as db:
        sitting = room_of(db, ref)
        board = read_board(db, sitting=sitting, now=moment)
        news = count_news(db, sitting_id=sitting.id)
    return {
        "at": moment.isoformat(),
        "requests": news.requests,
        "outages": news.outages,
        "people": [_spell(line) for line in board],
    }


def _spell(line: Line) -> dict[str, Any]:
    return {
        "ref": line.ref,
        "name": line.name,
        "state": line.state.name.lower(),
        "answered": line.answered,
        "out_of": line.out_of,
        "left_ms": line.left_ms,
        "left": line.left,
        "flags": [flag.name.lower() for flag in line.flags],
        "late": line.late,
    }


@bp.post("/door")
@trainer_required
def close_door(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            sitting_id = room_of(db, ref).id
            shut_door(db, sitting_id=sitting_id, shut_by_id=who().person_id, now=now())
    except DoorRefused as refused:
        return _room_page(ref, refused=refused), 409
    return _back(ref)


@bp.post("/release")
@trainer_required
def start_all(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            release_all(
                db,
                sitting_id=room_of(db, ref).id,
                released_by_id=who().person_id,
                now=now(),
            )
    except DoorRefused as refused:
        return _room_page(ref, refused=refused), 409
    return _back(ref)


@bp.post("/code")
@trainer_required
def change_code(ref: str) -> ResponseReturnValue:
    """Make a new room code, or ask for none any more."""
    by_id, moment = who().person_id, now()
    try:
        with transaction() as db:
            sitting_id = room_of(db, ref).id
            if request.form.get("code") == NEW_CODE:
                set_room_code(db, sitting_id=sitting_id, set_by_id=by_id, now=moment)
            else:
                remove_room_code(
                    db, sitting_id=sitting_id, removed_by_id=by_id, now=moment
                )
    except DoorRefused as refused:
        return _room_page(ref, refused=refused), 409
    return _back(ref)


def _back(ref: str, **said: Any) -> ResponseReturnValue:
    return redirect(url_for("invigilation_room.show_room", ref=ref, **said), 303)


@bp.route("/actions/<deed>", methods=["GET", "POST"])
@trainer_required
def act(ref: str, deed: str) -> ResponseReturnValue:
    """Ask why, for those who were ticked; then do it."""
    asked = deed_of(deed)
    form = DeedForm.for_deed(asked)
    if request.method == "GET" or not form.validate():
        return _act_page(ref, asked, form)
    try:
        with transaction() as db:
            report = carry_out(
                db,
                sitting=room_of(db, ref),
                refs=read_who(),
                order=_order(asked, form),
                now=now(),
            )
    except RoomRefused as refused:
        return _act_page(ref, asked, form, refused=refused)
    return _say(ref, asked, form, report)


def _order(deed: Deed, form: DeedForm) -> Order:
    return Order(
        deed=deed,
        by_id=who().person_id,
        sign_in_id=who().sign_in_id,
        reason=form.code,
        note=form.words,
        length=form.length,
        time_given=form.given,
    )


def _say(ref: str, deed: Deed, form: DeedForm, report: Report) -> ResponseReturnValue:
    """Say for whom it was done. Whatever is sent again is done once, so a page may answer."""
    missed = [(one.who.name, str(one.reason.value)) for one in report.missed]
    if not missed:
        return _back(ref, done=deed.value, people=len(report.done))
    if not report.done:
        slugs = {one.slug for one in report.missed}
        return _act_page(ref, deed, form, missed=missed, slug=min(slugs))
    done = f"{WORDS[deed].done} {word_people(len(report.done))}."
    return _room_page(ref, done=done, missed=missed)


def _act_page(
    ref: str,
    deed: Deed,
    form: DeedForm,
    *,
    refused: RoomRefused | None = None,
    missed: Missed = (),
    slug: str = "",
) -> ResponseReturnValue:
    moment = now()
    with reading() as db:
        sitting = room_of(db, ref)
        board = read_board(db, sitting=sitting, now=moment)
        refs = read_who()
        if request.args.get("all"):
            refs = [line.ref for line in list_fit(board, deed)]
        people = list_chosen(db, sitting=sitting, refs=refs)
        attempts = [one.attempt_id for one in people if one.attempt_id]
        given = count_time_given(db, attempt_ids=attempts)
    if not people:
        nobody = (
            RoomRefusal.NOBODY_FITS if request.args.get("all") else RoomRefusal.NOBODY
        )
        return _room_page(ref, refused=RoomRefused(nobody)), 422
    page = render_template(
        "invigilation/act.html",
        sitting=sitting,
        deed=deed,
        words=WORDS[deed],
        lines=[line for line in board if line.ref in refs],
        form=form,
        time_given=given,
        refused=refused,
        missed=missed,
        slug=refused.slug if refused else slug,
    )
    failed = 409 if refused or missed else 422 if form.errors else 200
    return page, failed


@bp.post("/credits")
@trainer_required
def give_back(ref: str) -> ResponseReturnValue:
    """Give back the silences that the pressed button names, of one person or of a room."""
    names = request.form.getlist("gap")
    if not names:
        return _room_page(ref, refused=RoomRefused(RoomRefusal.NOBODY)), 422
    with transaction() as db:
        credited = credit_gaps(
            db,
            sitting_id=room_of(db, ref).id,
            names=names,
            given_by_id=who().person_id,
            now=now(),
        )
    if not credited.missed:
        return _back(ref, done="credit", people=len(credited.done))
    done = f"Time was given back to {word_people(len(credited.done))}."
    page = _room_page(ref, done=done if credited.done else "", missed=credited.missed)
    return page, 200 if credited.done else 409
