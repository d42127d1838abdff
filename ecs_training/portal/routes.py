from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import (
    company_required,
    current_company_id,
    sign_in_required,
    staff_required,
    trainer_required,
    who,
)
from ecs_training.assessment.access import blueprint as paper
from ecs_training.assessment.access import visit_attempt
from ecs_training.assessment.rules.marking import weakest_first
from ecs_training.assessment.rules.wording import word_margin, word_topics
from ecs_training.booking.rules import BOOKING_CLOSES_BEFORE_START, TERMS_VERSION
from ecs_training.catalogue.queries import card_role, prices, scheme
from ecs_training.catalogue.rules import Price, price_on
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import (
    client_address,
    now,
    reading,
    transaction,
)
from ecs_training.portal.access import own_receipt
from ecs_training.portal.forms import EnquiryForm, ReceiptForm, SpecimenForm
from ecs_training.portal.queries.account import read_account
from ecs_training.portal.queries.booking_page import read_booking
from ecs_training.portal.queries.company import read_company_board
from ecs_training.portal.queries.receipts import check_receipt
from ecs_training.portal.queries.results import read_after, read_result
from ecs_training.portal.queries.staff import read_staff_desk
from ecs_training.portal.queries.trainer import read_trainer_board
from ecs_training.portal.rules import (
    ENQUIRIES_COUNT_FOR,
    CardState,
    SeatState,
    departures,
    home_of,
    word_roles,
)
from ecs_training.portal.services import EnquiryRefused, record_enquiry
from ecs_training.scheduling.queries import next_course_session_per_role

bp = Blueprint("portal", __name__)


def _today() -> date:
    return london_date(now())


def _price(on: date | None = None) -> Price:
    return price_on(prices(), on or _today())


@bp.get("/")
def show_home() -> str:
    with reading() as db:
        next_dates = next_course_session_per_role(
            db, now=now() + BOOKING_CLOSES_BEFORE_START
        )
    exemptions = [(q, word_roles(q, scheme())) for q in scheme().qualifications]
    return render_template(
        "portal/home.html",
        departures=departures(scheme().roles, next_dates),
        price_on=_price,
        exemptions=exemptions,
        price=_price(),
        paper=paper(),
    )


@bp.get("/about-the-ecs")
def show_about() -> str:
    return render_template("portal/about.html")


@bp.get("/card-families")
def show_cards() -> str:
    return render_template("portal/cards.html", price=_price())


@bp.get("/why-train-with-us")
def show_why() -> str:
    return render_template("portal/why.html", price=_price(), paper=paper())


@bp.get("/terms")
def show_terms() -> str:
    return render_template("portal/terms.html", version=TERMS_VERSION, paper=paper())


@bp.get("/privacy")
def show_privacy() -> str:
    return render_template("portal/privacy.html")


@bp.get("/accessibility")
def show_accessibility() -> str:
    return render_template("portal/accessibility.html", paper=paper())


@bp.get("/questions")
def show_questions() -> str:
    return _questions_page(EnquiryForm())


def _questions_page(form: EnquiryForm, refused: EnquiryRefused | None = None) -> str:
    return render_template(
        "portal/questions.html", form=form, refused=refused, paper=paper()
    )


@bp.post("/questions")
def send_enquiry() -> ResponseReturnValue:
    form = EnquiryForm()
    if not form.validate():
        return _questions_page(form), 422
    try:
        with transaction() as db:
            record_enquiry(
                db,
                name=form.name.data,
                email=form.email.data,
                message=form.message.data,
                address=client_address(),
                now=now(),
            )
    except EnquiryRefused as refused:
        wait = {"Retry-After": str(ENQUIRIES_COUNT_FOR.seconds)}
        return _questions_page(form, refused), 429, wait
    return redirect(url_for("portal.show_enquiry_sent"), 303)


@bp.get("/questions/sent")
def show_enquiry_sent() -> str:
    return render_template("portal/enquiry_sent.html")


@bp.get("/start")
@sign_in_required
def show_start() -> ResponseReturnValue:
    home = home_of(who().roles, in_company=who().company_id is not None)
    return redirect(url_for(home), 303)


@bp.get("/account")
@sign_in_required
def show_account() -> str:
    with reading() as db:
        account = read_account(db, person_id=who().person_id, now=now())
    return render_template("portal/account.html", account=account, today=_today())


@bp.get("/bookings/<ref>")
@sign_in_required
def show_booking(ref: str) -> str:
    with reading() as db:
        page = read_booking(
            db,
            ref=ref,
            person_id=who().person_id,
            company_id=who().company_id,
            paper=paper(),
            now=now(),
        )
    return render_template("portal/booking.html", page=page, now=now(), paper=paper())


@bp.get("/attempts/<ref>/result")
@sign_in_required
def show_result(ref: str) -> ResponseReturnValue:
    """Show the person's own result; an attempt that is still open leads back to its paper."""
    if visit_attempt(ref).finished_at is None:
        return redirect(url_for("assessment.show_question", ref=ref, n=1), 303)
    with reading() as db:
        facts, passed = read_result(db, ref=ref, person_id=who().person_id)
        after = read_after(db, facts, paper().resits, now=now())
    topics = facts.topics if facts.passed else weakest_first(facts.topics)
    return render_template(
        "assessment/result.html",
        result=facts,
        after=after,
        topics=word_topics(topics),
        margin=word_margin(score=facts.score, pass_mark=facts.pass_mark),
        role=card_role(facts.card_role),
        pass_token=passed.token if passed else None,
        valid_until=passed.valid_until if passed and not passed.revoked_at else None,
    )


@bp.get("/attempts/<ref>/receipt")
@sign_in_required
def show_receipt(ref: str) -> str:
    receipt, token = own_receipt(ref)
    return render_template("portal/receipt.html", receipt=receipt, token=token)


@bp.get("/receipts/check")
def show_receipt_check() -> str:
    return render_template("portal/receipt_check.html", form=ReceiptForm())


@bp.post("/receipts/check")
def judge_receipt() -> ResponseReturnValue:
    form = ReceiptForm()
    if not form.validate():
        return render_template("portal/receipt_check.html", form=form), 422
    with reading() as db:
        found = check_receipt(db, token=form.token())
    page = render_template("portal/receipt_checked.html", form=form, found=found)
    return page, 200 if found else 404


@bp.get("/company")
@company_required
def show_company() -> str:
    with reading() as db:
        board = read_company_board(db, company_id=current_company_id(), now=now())
    return render_template("portal/company.html", board=board)


@bp.get("/trainer")
@trainer_required
def show_trainer() -> str:
    with reading() as db:
        board = read_trainer_board(db, trainer_id=who().person_id, now=now())
    return render_template("portal/trainer.html", board=board, today=_today())


@bp.get("/staff")
@staff_required
def show_staff() -> str:
    with reading() as db:
        desk = read_staff_desk(db, now=now())
    return render_template("portal/staff.html", desk=desk, today=_today())


@bp.record_once
def _offer_style_guide(setup: BlueprintSetupState) -> None:
    if setup.app.extensions["settings"].style_guide:
        setup.add_url_rule("/style-guide", "show_style_guide", _show_style_guide)


def _show_style_guide() -> str:
    faulty = SpecimenForm(formdata=None, prefix="faulty-")
    faulty.validate()
    typed = SpecimenForm(
        formdata=None,
        prefix="typed-",
        text="Oluwaseun Adébáyọ̀-Featherstonehaugh",
        day=_today(),
        kind="labourer",
        buyer="company",
        terms=True,
        message="A long answer that goes on.\nAnd on.",
    )
    return render_template(
        "portal/style_guide.html",
        typed=typed,
        faulty=faulty,
        seat_states=list(SeatState),
        card_states=list(CardState),
    )
