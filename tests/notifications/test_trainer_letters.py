"""What trainers and the people on a date are told when it changes."""

from datetime import date, time

import pytest

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.booking.models import Booking
from ecs_training.booking.services import book_for_delegate, book_seat
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.rules import teaching_thread
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import (
    cancel_course_session,
    move_course_session,
    resize_course_session,
    restaff_course_session,
    restore_course_session,
    set_joining_link,
)
from ecs_training.scheduling.services.swaps import answer_swap, ask_swap
from tests.calendar_feeds.reading import events
from tests.factories import make_company, make_course_session, make_person
from tests.notifications.conftest import Post, Sink

LINK = "https://teams.example.org/meet"


class Desk:
    """Staff at work on one date of Theodora's; Tobias could have it."""

    def __init__(self, post: Post) -> None:
        self.post = post
        with post.database.transaction() as db:
            now = post.clock()
            self.staff = make_person(db, "stella", now=now, role=Role.STAFF)
            self.theodora = make_person(db, "theodora", now=now, role=Role.TRAINER)
            self.tobias = make_person(db, "tobias", now=now, role=Role.TRAINER)
            self.alice = make_person(db, "alice", now=now)
            self.date = make_course_session(
                db, now=now, trainer=self.theodora, on=date(2026, 4, 1)
            )

    def move(self, day: int = 3) -> None:
        with self.post.database.transaction() as db:
            move_course_session(
                db,
                ref=self.date.ref,
                local_date=date(2026, 4, day),
                local_start=time(10),
                local_end=time(17),
                moved_by_id=self.staff.id,
                now=self.post.clock(),
            )

    def give_to(self, trainer: Person) -> None:
        with self.post.database.transaction() as db:
            restaff_course_session(
                db,
                ref=self.date.ref,
                trainer_id=trainer.id,
                restaffed_by_id=self.staff.id,
                now=self.post.clock(),
            )

    def cancel(self) -> None:
        with self.post.database.transaction() as db:
            cancel_course_session(
                db,
                ref=self.date.ref,
                trainer_id=None,
                reason="A flood.",
                cancelled_by_id=self.staff.id,
                now=self.post.clock(),
            )

    def restore(self) -> None:
        with self.post.database.transaction() as db:
            restore_course_session(
                db,
                ref=self.date.ref,
                restored_by_id=self.staff.id,
                now=self.post.clock(),
            )

    def link(self) -> None:
        with self.post.database.transaction() as db:
            set_joining_link(
                db,
                ref=self.date.ref,
                trainer_id=None,
                joining_url=LINK,
                set_by_id=self.staff.id,
                now=self.post.clock(),
            )

    def book_alice(self) -> Booking:
        with self.post.database.transaction() as db:
            return book_seat(
                db,
                course_session_ref=self.date.ref,
                candidate_id=self.alice.id,
                booked_by_id=self.alice.id,
                company_id=None,
                now=self.post.clock(),
            )

    def last_to(self, name: str) -> OutgoingEmail:
        return self.post.letters_to(name)[-1]


@pytest.fixture
def desk(post: Post) -> Desk:
    return Desk(post)


def entry(letter: OutgoingEmail) -> dict[str, str]:
    (found,) = events(letter.calendar or "").values()
    return found


def test_a_new_trainer_gets_the_day_and_the_old_one_loses_it(desk: Desk) -> None:
    desk.link()
    desk.give_to(desk.tobias)
    old, new = desk.last_to("theodora"), desk.last_to("tobias")
    assert (old.method, new.method) == ("CANCEL", "REQUEST")
    assert entry(old)["uid"] == entry(new)["uid"]
    assert entry(old)["uid"].startswith(f"session-{desk.date.calendar_uid}@")
    assert entry(old)["sequence"] == entry(new)["sequence"] == "2"
    assert (entry(old)["status"], entry(new)["status"]) == ("CANCELLED", "CONFIRMED")
    assert old.subject == "You no longer teach Labourer, Wednesday 1 April 2026"
    assert "Tobias now teaches this course." in old.text
    assert LINK not in old.text + (old.calendar or "")
    assert new.subject == "You teach Labourer, Wednesday 1 April 2026"
    assert "Before, Theodora had it." in new.text
    assert f"Teams: {LINK}" in new.text


def test_each_letter_to_a_trainer_invites_that_trainer_alone(desk: Desk) -> None:
    desk.give_to(desk.tobias)
    for name in ("theodora", "tobias"):
        assert entry(desk.last_to(name))["attendee"] == f"mailto:{name}@example.org"
        assert (desk.last_to(name).calendar or "").count("ATTENDEE") == 1


def test_a_moved_date_tells_its_trainer_both_times(desk: Desk) -> None:
    desk.move()
    letter = desk.last_to("theodora")
    assert letter.method == "REQUEST"
    assert "Before: Wednesday 1 April 2026, 9am to 4:30pm, UK time." in letter.text
    assert "Now: Friday 3 April 2026, 10am to 5pm, UK time." in letter.text
    assert desk.post.letters_to("tobias") == []


def test_a_cancelled_date_leaves_the_trainers_calendar_and_comes_back(
    desk: Desk,
) -> None:
    desk.cancel()
    gone = desk.last_to("theodora")
    desk.restore()
    back = desk.last_to("theodora")
    assert (gone.method, back.method) == ("CANCEL", "REQUEST")
    assert "The reason: A flood." in gone.text
    assert [entry(each)["sequence"] for each in (gone, back)] == ["1", "2"]
    assert "takes place after all" in back.text


def test_a_joining_link_is_the_first_line_of_the_trainers_entry(desk: Desk) -> None:
    desk.link()
    letter = desk.last_to("theodora")
    assert letter.method == "REQUEST"
    assert entry(letter)["description"].splitlines()[0] == LINK


def test_more_seats_are_no_letter(desk: Desk) -> None:
    with desk.post.database.transaction() as db:
        resize_course_session(
            db,
            ref=desk.date.ref,
            capacity=30,
            minimum=1,
            resized_by_id=desk.staff.id,
            now=desk.post.clock(),
        )
    assert desk.post.letters() == []


def test_no_letter_to_a_trainer_overtakes_an_older_one_and_no_other_trainer_waits(
    desk: Desk, sink: Sink
) -> None:
    """Theodora's mailbox is full for a moment: Tobias hears at once, she in the right order."""
    desk.give_to(desk.tobias)
    sink.refused = "theodora@example.org"
    desk.post.through(sink.url).send()
    sink.refused = ""
    for trainer in (desk.theodora, desk.tobias):
        desk.give_to(trainer)
    desk.post.through(sink.url).send()
    assert sink.receivers() == ["tobias"] * 3  # hers wait for the one that failed
    desk.post.clock.advance(minutes=2)
    desk.post.through(sink.url).send()
    hers = [each for each in sink.messages if "theodora" in str(each["To"])]
    assert [str(each["Subject"]).split(" teach")[0] for each in hers] == [
        "You no longer",
        "You",
        "You no longer",
    ]


def test_the_thread_of_a_trainer_fits_its_column_whatever_their_number() -> None:
    uid = "0" * 36
    threads = {teaching_thread(uid, number) for number in (1, 2, 2**31 - 1)}
    assert len(threads) == 3
    assert all(len(thread) <= 40 for thread in threads)


def test_a_moved_booking_says_both_times_and_that_cancelling_is_free(
    desk: Desk,
) -> None:
    booking = desk.book_alice()
    desk.move()
    letter = desk.last_to("alice")
    assert "Before: Wednesday 1 April 2026, 9am to 4:30pm, UK time." in letter.text
    assert "Now: Friday 3 April 2026, 10am to 5pm, UK time." in letter.text
    free = "cancelling costs nothing until the course begins, Friday 3 April 2026, 10am"
    assert free in letter.text
    assert f"/bookings/{booking.ref}/cancellation" in letter.text
    assert entry(letter)["sequence"] == "1"


def test_a_new_link_makes_no_booking_free_to_cancel(desk: Desk) -> None:
    desk.book_alice()
    desk.link()
    assert "costs nothing" not in desk.last_to("alice").text


def test_a_booking_that_comes_back_is_put_into_the_calendar_again(desk: Desk) -> None:
    booking = desk.book_alice()
    desk.cancel()
    desk.restore()
    letter = desk.last_to("alice")
    assert letter.subject.startswith("It takes place after all: Labourer")
    assert (letter.method, entry(letter)["sequence"]) == ("REQUEST", "2")
    assert entry(letter)["uid"].startswith(f"booking-{booking.calendar_uid}@")
    assert "Invoice INV-000002" in letter.text  # the first one was credited


def test_whoever_booked_for_a_company_hears_of_a_move_and_of_the_return(
    desk: Desk,
) -> None:
    with desk.post.database.transaction() as db:
        brenda = make_person(db, "brenda", now=desk.post.clock())
        company = make_company(db, brenda, now=desk.post.clock())
        book_for_delegate(
            db,
            course_session_ref=desk.date.ref,
            delegate_name="Craig Bannister",
            delegate_email="craig@example.org",
            booked_by_id=brenda.id,
            company_id=company.id,
            now=desk.post.clock(),
        )
    desk.link()
    desk.move()
    desk.cancel()
    desk.restore()
    booked, moved, cancelled, restored = desk.post.letters_to("brenda")
    assert moved.subject == (
        "Another day or time for Craig Bannister: Friday 3 April 2026"
    )
    assert "Before: Wednesday 1 April 2026, 9am to 4:30pm" in moved.text
    assert "had to cancel the course that you booked" in cancelled.text
    assert restored.subject.startswith("It takes place after all for Craig Bannister")
    assert {each.calendar for each in (booked, moved, cancelled, restored)} == {None}
    assert "£" not in "".join(each.text for each in desk.post.letters_to("craig"))


def test_a_date_of_somebody_else_is_in_no_letter(desk: Desk) -> None:
    with desk.post.database.transaction() as db:
        noise = make_course_session(db, now=desk.post.clock(), on=date(2026, 4, 1))
        assert isinstance(noise, CourseSession)
    desk.move()
    desk.cancel()
    assert {each.to for each in desk.post.letters()} == {"theodora@example.org"}


def ask_tobias(desk: Desk, note: str = "It is my wedding day.") -> str:
    with desk.post.database.transaction() as db:
        swap = ask_swap(
            db,
            course_session_ref=desk.date.ref,
            trainer_id=desk.theodora.id,
            to_ref=desk.tobias.ref,
            note=note,
            now=desk.post.clock(),
        )
        return swap.ref


def answer(desk: Desk, ref: str, *, accept: bool) -> None:
    with desk.post.database.transaction() as db:
        answer_swap(
            db,
            ref=ref,
            trainer_id=desk.tobias.id,
            accept=accept,
            now=desk.post.clock(),
        )


def test_who_is_asked_for_a_swap_reads_why_and_where_to_answer(desk: Desk) -> None:
    ref = ask_tobias(desk)
    (letter,) = desk.post.letters()
    assert letter.to == "tobias@example.org"
    assert letter.subject == "Can you teach Labourer on Wednesday 1 April 2026?"
    assert "Theodora writes: It is my wedding day." in letter.text
    assert f"/trainer/swaps/{ref}" in letter.text
    assert letter.calendar is None  # nothing has changed yet


def test_a_swap_without_a_note_quotes_nothing(desk: Desk) -> None:
    ask_tobias(desk, note="")
    assert "writes:" not in desk.last_to("tobias").text


def test_an_accepted_swap_moves_the_day_from_one_calendar_to_the_other(
    desk: Desk,
) -> None:
    answer(desk, ask_tobias(desk), accept=True)
    subjects = [each.subject for each in desk.post.letters_to("theodora")]
    assert sorted(subjects) == [
        "Tobias takes over Labourer, Wednesday 1 April 2026",
        "You no longer teach Labourer, Wednesday 1 April 2026",
    ]
    methods = {each.to: each.method for each in desk.post.letters() if each.method}
    assert methods == {
        "theodora@example.org": "CANCEL",
        "tobias@example.org": "REQUEST",
    }


def test_a_declined_swap_changes_no_calendar(desk: Desk) -> None:
    answer(desk, ask_tobias(desk), accept=False)
    letter = desk.last_to("theodora")
    assert letter.subject == "Tobias cannot take over Labourer, Wednesday 1 April 2026"
    assert "You still teach this course:" in letter.text
    assert {each.method for each in desk.post.letters()} == {None}
