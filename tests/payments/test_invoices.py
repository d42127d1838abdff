"""Invoices and credit notes: one each, in one unbroken numbering, and their pages."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, Person
from ecs_training.booking.events import BookingCancelled, SeatBooked
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import BookingRefusal
from ecs_training.booking.services import BookingRefused, book_seat
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.payments.models import CreditNote, Invoice, InvoiceNumber
from ecs_training.payments.queries import (
    find_credit_note,
    find_invoice,
    get_credit_note,
    get_invoice,
)
from ecs_training.payments.services import credit_invoice, issue_invoice
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

LATE_IN_JUNE = datetime.fromisoformat("2026-06-30T23:30:00+00:00")


def booked(
    db: Session, now: datetime, candidate: Person, company: Company | None = None
) -> Booking:
    course_session = make_course_session(db, now=now)
    return make_booking(db, course_session, candidate, now=now, company=company)


def issue(db: Session, booking: Booking, now: datetime) -> Invoice:
    issue_invoice(db, SeatBooked(occurred_at=now, booking_id=booking.id))
    invoice = find_invoice(db, booking_id=booking.id)
    assert invoice
    return invoice


def cancelled(booking: Booking, now: datetime, *, refundable: bool) -> BookingCancelled:
    return BookingCancelled(
        occurred_at=now,
        booking_id=booking.id,
        refundable=refundable,
        by_provider=False,
    )


def test_an_invoice_is_dated_by_the_london_day_and_copies_the_booking(
    db: Session,
) -> None:
    now = LATE_IN_JUNE  # half past midnight in London
    invoice = issue(db, booked(db, now, make_person(db, "alice", now=now)), now)

    assert invoice.number == "INV-000001"
    assert (invoice.issued_at, invoice.issued_on) == (now, date(2026, 7, 1))
    assert invoice.billed_to == "Alice\nalice@example.org"
    assert (invoice.net_pence, invoice.vat_pence, invoice.vat_percent) == (
        14500,
        2900,
        20,
    )
    assert invoice.gross_pence == 17400


def test_a_companys_invoice_goes_to_its_address(db: Session, now: datetime) -> None:
    boss = make_person(db, now=now)
    company = make_company(db, boss, now=now)
    invoice = issue(db, booked(db, now, make_person(db, now=now), company), now)
    assert invoice.billed_to == "Northgate Power Ltd\n1 Cable Street\nLeeds"


def test_each_booking_has_one_invoice_and_series_count_apart(
    db: Session, now: datetime
) -> None:
    bookings = [booked(db, now, make_person(db, now=now)) for _ in range(3)]
    numbers = [issue(db, each, now).number for each in bookings]
    assert numbers == ["INV-000001", "INV-000002", "INV-000003"]
    assert issue(db, bookings[0], now).number == "INV-000001"

    for each in (bookings[2], bookings[0], bookings[2]):
        credit_invoice(db, cancelled(each, now, refundable=True))
    credit_invoice(db, cancelled(bookings[1], now, refundable=False))

    notes = [find_credit_note(db, booking_id=each.id) for each in bookings]
    assert [note and note.number for note in notes] == ["CN-000002", None, "CN-000001"]
    assert db.get_one(InvoiceNumber, "INV").last == 3
    assert db.get_one(InvoiceNumber, "CN").last == 2


def test_a_credit_note_says_why(db: Session, now: datetime) -> None:
    said, unsaid = (booked(db, now, make_person(db, now=now)) for _ in range(2))
    said.cancel_reason = "The trainer is ill."
    for each in (said, unsaid):
        issue(db, each, now)
        credit_invoice(db, cancelled(each, now, refundable=True))
    assert get_credit_note(db, booking_id=said.id).reason == "The trainer is ill."
    assert "free to cancel" in get_credit_note(db, booking_id=unsaid.id).reason


def test_what_was_never_invoiced_is_not_credited(db: Session, now: datetime) -> None:
    booking = booked(db, now, make_person(db, now=now))
    credit_invoice(db, cancelled(booking, now, refundable=True))
    assert db.scalars(select(CreditNote)).all() == []
    for get in (get_invoice, get_credit_note):
        with pytest.raises(NotFound):
            get(db, booking_id=booking.id)


@pytest.mark.heavy
def test_racing_buyers_leave_no_gap_from_the_first_number_on(
    database: Database, now: datetime
) -> None:
    """Twelve dates are booked at once; every third buyer is refused after all the work."""
    buyers = 12
    with database.transaction() as db:
        dates = [make_course_session(db, now=now).ref for _ in range(buyers)]
        people = [make_person(db, now=now).id for _ in range(buyers)]
    start = Barrier(buyers)

    def buy(n: int) -> None:
        start.wait()
        with suppress(BookingRefused), database.transaction() as db:
            book_seat(
                db,
                course_session_ref=dates[n],
                candidate_id=people[n],
                booked_by_id=people[n],
                company_id=None,
                now=now,
            )
            refuse_every_third(n)

    def refuse_every_third(n: int) -> None:
        if n % 3 == 0:  # the invoice is written already, and must vanish
            raise BookingRefused(BookingRefusal.FULL)

    with ThreadPoolExecutor(buyers) as pool:
        list(pool.map(buy, range(buyers)))

    with database.reading() as db:
        numbers = sorted(db.scalars(select(Invoice.number)))
        assert db.scalars(select(func.count(Booking.id))).one() == 8
    assert numbers == [f"INV-{n:06}" for n in range(1, 9)]


@pytest.fixture
def booking(database: Database, clock: MovableClock) -> Booking:
    with database.transaction() as db:
        alice, boss = (make_person(db, name, now=clock()) for name in ("alice", "boss"))
        booking = booked(db, clock(), alice, make_company(db, boss, now=clock()))
        issue(db, booking, clock())
        return booking


def signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


@pytest.mark.parametrize("name", ["alice", "boss"])
def test_the_invoice_shows_all_that_a_vat_invoice_must(
    app: Flask, booking: Booking, name: str
) -> None:
    page = signed_in(app, name).open(f"/bookings/{booking.ref}/invoice")

    for told in (
        "INV-000001",
        "Monday 2 March 2026",
        "MJ Training Solutions",
        "1 Example Street",
        "EX1 1EX",
        "GB 000 0000 00",
        "Northgate Power Ltd<br>1 Cable Street<br>Leeds",
        "Labourer health and safety course",
        "Monday 9 March 2026",
        "Alice",
        "£145.00",
        "VAT at 20%",
        "£29.00",
        "£174.00",
    ):
        assert told in page.text, told
    assert "Credit note" not in page.text


def test_the_credit_note_shows_what_it_takes_back(
    app: Flask, database: Database, clock: MovableClock, booking: Booking
) -> None:
    path = f"/bookings/{booking.ref}/credit-note"
    assert signed_in(app, "alice").open(path).status_code == 404
    clock.advance(days=1)
    with database.transaction() as db:
        credit_invoice(db, cancelled(booking, clock(), refundable=True))

    alice = signed_in(app, "alice")  # yesterday's sign-in has ended
    page = alice.open(path)
    for told in (
        "CN-000001",
        "INV-000001",
        "Tuesday 3 March 2026",
        "Cancelled while it was free to cancel.",
        "GB 000 0000 00",
        "£29.00",
        "£174.00",
    ):
        assert told in page.text, told
    invoice = alice.open(f"/bookings/{booking.ref}/invoice")
    assert "CN-000001 takes this invoice back in full" in invoice.text


def test_nobody_else_sees_an_invoice(
    app: Flask, database: Database, clock: MovableClock, booking: Booking
) -> None:
    with database.transaction() as db:
        bob = make_person(db, "bob", now=clock())
        make_company(db, bob, now=clock())
    for sub in ("invoice", "credit-note"):
        path = f"/bookings/{booking.ref}/{sub}"
        assert signed_in(app, "bob").open(path).status_code == 404
        assert Visitor(app).open(path).request.path == "/sign-in"
