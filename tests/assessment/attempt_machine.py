"""The attempt as a machine: whatever is done in whatever order, the promises hold.

A model beside it, kept by simple arithmetic, says what each step must answer. `make test`
takes 2,000 steps over both databases, `make soak NAME=attempt-machine` 25,000 on each.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from ecs_training.accounts.models import SignIn
from ecs_training.assessment.models import Attempt, JournalLine, Response
from ecs_training.assessment.queries.attempts import list_answers
from ecs_training.assessment.queries.rescores import find_standing_rescore
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.holding import LONGEST_HOLD
from ecs_training.assessment.rules.marking import Ruling, mark
from ecs_training.assessment.rules.presence import Sign
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.writing import LETTERS, Outcome, Write
from ecs_training.assessment.services.attempts import start_attempt
from ecs_training.assessment.services.extending import ExtendRefused, extend_attempt
from ecs_training.assessment.services.finish import (
    end_attempt,
    finish_attempt,
    finish_overdue_attempt,
    void_attempt,
)
from ecs_training.assessment.services.holding import (
    HoldRefused,
    begin_rest,
    end_rest,
    hold_attempt,
    resume_attempt,
)
from ecs_training.assessment.services.leases import AttemptEnded, take_over
from ecs_training.assessment.services.presence import Heard, write_signs
from ecs_training.assessment.services.rescoring import (
    Decision,
    rehearse_rescore,
    rescore,
    undo_rescore,
)
from ecs_training.assessment.services.responses import save_response
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Refused
from ecs_training.questions.models import Item, ItemRevision
from tests.assessment.exam import BLUEPRINT, Day, clear, make_day, make_sign_in
from tests.factories import make_booking, make_person

GRACE = timedelta(seconds=10)
REST = 300  # seconds that everybody in the machine may rest
SECOND = timedelta(seconds=1)


def make_machine(database: Database, now: datetime) -> type["AttemptMachine"]:
    """Return the machine over this database, with a room of its own."""
    with database.transaction() as db:
        day = make_day(db, now=now, people=0)

    class Machine(AttemptMachine):
        def __init__(self) -> None:
            super().__init__()
            self.database, self.day, self.now = database, day, now

    return Machine


class AttemptMachine(RuleBasedStateMachine):
    database: Database
    day: Day
    now: datetime
    steps = 0  # of all examples together

    @initialize()
    def start(self) -> None:
        with self.database.transaction() as db:
            person = make_person(db, now=self.now)
            booking = make_booking(db, self.day.course_session, person, now=self.now)
            clear(db, booking, self.day.trainer, now=self.now)
            self.sign_in_id = make_sign_in(db, person, now=self.now)
            sign_in = db.get_one(SignIn, self.sign_in_id)
            sign_in.expires_at += timedelta(days=30)  # an example may take days
            self.token_hash = sign_in.token_hash
            attempt = start_attempt(
                db,
                sitting_ref=self.day.sitting.ref,
                person_id=person.id,
                sign_in_id=self.sign_in_id,
                blueprint=BLUEPRINT,
                now=self.now,
            )
            attempt.rest_seconds = REST
        self.person_id, self.id, self.ref = person.id, attempt.id, attempt.ref
        self.lease, self.old_leases = attempt.lease, ["A" * 26]
        self.seq = 0
        self.answers: dict[int, tuple[str | None, bool]] = {}
        self.sent: list[tuple[int, Write]] = []  # accepted under the standing lease
        self.deadline = self.now + timedelta(minutes=30)
        self.hold: tuple[datetime, datetime, str] | None = None
        self.rest_used = 0
        self.ended: Ending | None = None
        self.finished_at: datetime | None = None
        self.voided = False

    # What the model knows.

    def held(self) -> bool:
        return self.hold is not None and self.now < self.hold[1]

    def due(self) -> datetime:
        if self.hold is None:
            return self.deadline
        return self.deadline + (min(self.now, self.hold[1]) - self.hold[0])

    def settle(self) -> None:
        if self.hold is None:
            return
        stood = min(self.now, self.hold[1]) - self.hold[0]
        self.deadline += stood
        if self.hold[2] == "rest":
            used = -(-stood // SECOND)
            self.rest_used = min(REST, self.rest_used + used)
        self.hold = None

    def end(self, ending: Ending | None = None) -> None:
        self.settle()
        in_time = self.now < self.deadline
        self.ended = ending or (Ending.SUBMITTED if in_time else Ending.TIME_UP)
        self.finished_at = min(self.now, self.deadline)

    def expected(self, write: Write, n: int) -> Outcome:
        if self.ended:
            return Outcome.FINISHED
        late = self.now - self.due()
        if late > timedelta(0) and not late <= min(write.age, GRACE):
            return Outcome.TIME_UP
        if self.held():
            return Outcome.HELD
        if write.lease != self.lease:
            return Outcome.MOVED
        last = self.sent[-1] if self.sent else None
        same = [each for m, each in self.sent if m == n][-1:]
        if (
            same
            and same[0].seq == write.seq
            and self.answers.get(n)
            == (
                write.option,
                write.flagged,
            )
        ):
            return Outcome.REPEAT
        return Outcome.OK if last is None or write.seq > self.seq else Outcome.STALE

    # What can happen.

    def save(self, n: int, write: Write) -> Outcome:
        wanted = self.expected(write, n)
        with self.database.transaction() as db:
            saving = save_response(
                db,
                token_hash=self.token_hash,
                attempt_ref=self.ref,
                n=n,
                write=write,
                received=self.now,
                grace=GRACE,
            )
        assert saving.outcome is wanted
        if wanted is Outcome.OK:
            self.seq = write.seq
            self.answers[n] = (write.option, write.flagged)
            self.sent.append((n, write))
        return wanted

    @rule(
        n=st.integers(1, 50),
        option=st.sampled_from([*LETTERS, None]),
        flagged=st.booleans(),
        step=st.sampled_from([1, 1, 1, 1, 3, 0, -1]),
        age=st.sampled_from([0.0, 0.0, 0.5, 9.9, 10.0, 60.0]),
    )
    def answer(
        self, n: int, option: str | None, *, flagged: bool, step: int, age: float
    ) -> None:
        write = Write(
            option=option,
            flagged=flagged,
            seq=max(1, self.seq + step),
            lease=self.lease,
            age=timedelta(seconds=age),
        )
        self.save(n, write)

    @rule()
    def send_the_last_one_again(self) -> None:
        if self.sent:
            self.save(*self.sent[-1])

    @rule(n=st.integers(1, 50), data=st.data())
    def answer_from_an_old_page(self, n: int, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.old_leases))
        write = Write(
            option="a",
            flagged=False,
            seq=self.seq + 1,
            lease=lease,
            age=timedelta(0),
        )
        assert self.save(n, write) is not Outcome.OK

    @rule(seconds=st.sampled_from([0.001, 1, 5, 9.999, 30, 120, 600, 1500]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(delta=st.sampled_from([-0.001, 0, 0.001, 9.999, 10, 10.001]))
    def time_comes_to_the_deadline(self, delta: float) -> None:
        wanted = self.due() + timedelta(seconds=delta)
        if self.ended is None and wanted > self.now:
            self.now = wanted

    @rule(hidden=st.booleans(), unsaved=st.integers(0, 3))
    def give_a_sign_of_life(self, *, hidden: bool, unsaved: int) -> None:
        with self.database.transaction() as db:
            sign = Sign(lease=self.lease, unsaved=unsaved, hidden=hidden, n=1)
            write_signs(db, [Heard(attempt_id=self.id, sign=sign, at=self.now)])

    @rule()
    def take_over(self) -> None:
        def act(db: Any) -> Attempt:
            return take_over(
                db,
                ref=self.ref,
                person_id=self.person_id,
                sign_in_id=self.sign_in_id,
                grace=GRACE,
                now=self.now,
            )

        over = self.ended is not None or self.now > self.due() + GRACE
        taken = self.attempt_to(act, AttemptEnded, refused=over)
        if taken:
            self.old_leases.append(self.lease)
            self.lease, self.seq, self.sent = taken.lease, 0, []

    def attempt_to(
        self,
        act: Callable[[Any], Any],
        refusal: type[Refused],
        *,
        refused: bool,
    ) -> Any:
        """Do it, and see that it is refused exactly where the model says so."""
        try:
            with self.database.transaction() as db:
                done = act(db)
        except refusal:
            assert refused
            return None
        assert not refused
        return done

    @rule(kind=st.sampled_from(["invigilator", "rest"]))
    def stop_the_clock(self, kind: str) -> None:
        self_held = self.held() or self.ended is not None or self.now > self.due()
        left = REST - self.rest_used
        if kind == "rest":
            done = self.attempt_to(
                lambda db: begin_rest(
                    db, ref=self.ref, person_id=self.person_id, now=self.now
                ),
                HoldRefused,
                refused=self_held or left == 0,
            )
        else:
            done = self.attempt_to(
                lambda db: hold_attempt(
                    db,
                    attempt_id=self.id,
                    reason="noise",
                    held_by_id=self.day.trainer.id,
                    now=self.now,
                ),
                HoldRefused,
                refused=self_held,
            )
        if done:
            self.settle()
            longest = LONGEST_HOLD if kind == "invigilator" else left * SECOND
            self.hold = (self.now, self.now + longest, kind)

    @rule(
        kind=st.sampled_from(["invigilator", "rest"]),
        seconds=st.sampled_from([0.4, 7, 100, 4000]),
    )
    def stop_the_clock_for_a_while(self, kind: str, seconds: float) -> None:
        self.stop_the_clock(kind)
        self.now += timedelta(seconds=seconds)
        self.let_the_clock_go_on(by_invigilator=kind == "invigilator")

    @rule(by_invigilator=st.booleans())
    def let_the_clock_go_on(self, *, by_invigilator: bool) -> None:
        def act(db: Any) -> Attempt:
            if by_invigilator:
                return resume_attempt(
                    db,
                    attempt_id=self.id,
                    resumed_by_id=self.day.trainer.id,
                    now=self.now,
                )
            return end_rest(db, ref=self.ref, person_id=self.person_id, now=self.now)

        others = self.hold is not None and self.hold[2] == "invigilator"
        refused = self.hold is None or (others and not by_invigilator)
        if self.attempt_to(act, HoldRefused, refused=refused):
            self.settle()

    @rule(minutes=st.sampled_from([0, 1, 10, 60, 61]))
    def extend(self, minutes: int) -> None:
        length = timedelta(minutes=minutes)
        passed = self.read().passed
        refused = (
            not 0 < minutes <= 60
            or self.voided
            or self.ended is Ending.SUBMITTED
            or bool(passed)
        )
        done = self.attempt_to(
            lambda db: extend_attempt(
                db,
                attempt_id=self.id,
                length=length,
                kind=TimeChangeKind.EXTENSION,
                reason="noise",
                made_by_id=self.day.trainer.id,
                now=self.now,
            ),
            ExtendRefused,
            refused=refused,
        )
        if done and self.ended:
            assert self.finished_at
            self.deadline += self.now - self.finished_at + length
            self.ended = self.finished_at = None
        elif done:
            self.deadline += max(timedelta(0), self.now - self.due()) + length

    @rule()
    def finish(self) -> None:
        with self.database.transaction() as db:
            finish_attempt(db, attempt_id=self.id, now=self.now)
        if self.ended is None:
            self.end()

    @rule()
    def the_job_comes_by(self) -> None:
        with self.database.transaction() as db:
            done = finish_overdue_attempt(
                db, attempt_id=self.id, due=self.now - GRACE, now=self.now
            )
        if self.ended is None and not self.held():
            self.settle()
        overdue = not self.held() and self.deadline < self.now - GRACE
        assert done is (self.ended is None and overdue)
        if done:
            self.end()

    @rule()
    def end_from_the_room(self) -> None:
        with self.database.transaction() as db:
            end_attempt(
                db,
                attempt_id=self.id,
                reason="misconduct",
                ended_by_id=self.day.trainer.id,
                now=self.now,
            )
        if self.ended is None:
            self.end(Ending.ENDED)

    @rule()
    def void(self) -> None:
        with self.database.transaction() as db:
            void_attempt(
                db,
                attempt_id=self.id,
                reason="wrong person",
                voided_by_id=self.day.trainer.id,
                now=self.now,
            )
        if self.ended is None:
            self.end(Ending.VOIDED)
        self.voided = True

    @rule(n=st.integers(1, 50))
    def rescore_and_undo(self, n: int) -> None:
        """Withdraw an item, see the marks follow, and take it back."""
        with self.database.transaction() as db:
            code, revision_id = db.execute(
                select(Item.code, ItemRevision.id)
                .join(ItemRevision, ItemRevision.item_id == Item.id)
                .join(Response, Response.revision_id == ItemRevision.id)
                .where(Response.attempt_id == self.id, Response.n == n)
            ).one()
            ruling = Ruling(new_key=None)
            plan = rehearse_rescore(db, revision_id=revision_id, ruling=ruling)
            decision = Decision(
                reason="tried",
                take_passes_of=[],
                digest=plan.digest,
                by_id=self.day.trainer.id,
            )
            rescore(
                db,
                code=code,
                revision=1,
                ruling=ruling,
                decision=decision,
                now=self.now,
            )
        self.marks_are_those_of_the_frozen_paper()
        with self.database.transaction() as db:
            standing = find_standing_rescore(db, revision_id=revision_id)
            assert standing
            plan = rehearse_rescore(db, revision_id=revision_id, ruling=None)
            gave = [self.ref] if self.read().passed else []
            decision = Decision(
                reason="tried",
                take_passes_of=gave,
                digest=plan.digest,
                by_id=self.day.trainer.id,
            )
            undo_rescore(db, ref=standing.ref, decision=decision, now=self.now)

    # What must hold after every step.

    def read(self) -> Attempt:
        with self.database.reading() as db:
            return db.get_one(Attempt, self.id)

    @invariant()
    def every_acknowledged_answer_is_there_and_in_the_journal(self) -> None:
        if not hasattr(self, "id"):
            return
        type(self).steps += 1
        with self.database.reading() as db:
            rows = db.scalars(
                select(Response).where(Response.attempt_id == self.id)
            ).all()
            lines = db.scalars(
                select(JournalLine)
                .where(JournalLine.attempt_id == self.id)
                .order_by(JournalLine.id)
            ).all()
        replayed = {line.n: (line.chosen, line.flagged) for line in lines}
        for row in rows:
            option, flagged = self.answers.get(row.n, (None, False))
            chosen = None if option is None else row.option_order["abcd".index(option)]
            assert (row.chosen, row.flagged) == (chosen, flagged)
            assert replayed.get(row.n, (None, False)) == (chosen, flagged)

    @invariant()
    def the_row_says_what_the_model_says(self) -> None:
        if not hasattr(self, "id"):
            return
        attempt = self.read()
        assert attempt.deadline == self.deadline
        assert attempt.deadline_at(self.now) == self.due()
        assert attempt.ending == self.ended
        assert attempt.finished_at == self.finished_at
        assert (attempt.voided_at is not None) is self.voided
        assert attempt.rest_used_seconds == self.rest_used
        if attempt.finished_at:
            assert attempt.finished_at <= attempt.deadline

    @invariant()
    def marks_are_those_of_the_frozen_paper(self) -> None:
        if not hasattr(self, "id") or self.ended is None or self.voided:
            return
        attempt = self.read()
        with self.database.reading() as db:
            again = mark(list_answers(db, attempt_id=self.id), pass_mark=43)
        assert attempt.score == again.score
        assert attempt.passed is again.passed
