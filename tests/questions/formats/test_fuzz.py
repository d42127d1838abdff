"""Damaged files: see benchmarks/question_files.py, whose soak reads 100,000 a format."""

import pytest

from benchmarks.question_files import (
    SEED,
    Tally,
    damaged,
    find_faults,
    fuzz,
    whole_files,
)
from ecs_training.questions.formats import Format, FoundItem, Verdict, read

FILES = 2_000


@pytest.mark.heavy
@pytest.mark.parametrize("form", list(Format))
def test_damaged_files_raise_nothing_but_the_readers_own_error(form: Format) -> None:
    tally = fuzz(form, n=FILES, seed=SEED)
    assert (tally.n, tally.failures, tally.faults) == (FILES, 0, [])


@pytest.mark.parametrize("form", list(Format))
def test_the_whole_files_are_good_and_the_damaged_ones_differ(form: Format) -> None:
    for data in whole_files(form):
        verdicts = {item.verdict for item in read(data, format=form, name="x")}
        assert verdicts & {Verdict.IMPORTED, Verdict.CHANGED}
    files = {damaged(form, number, SEED) for number in range(200)}
    assert len(files - set(whole_files(form))) > 150
    assert damaged(form, 7, SEED) == damaged(form, 7, SEED)


def test_an_item_that_should_not_have_been_let_in_is_found() -> None:
    bad = FoundItem(
        stem="What?", options=(), verdict=Verdict.IMPORTED, reason="", line=1
    )
    assert len(find_faults([bad])) == 1
    silent = FoundItem(stem="", options=(), verdict=Verdict.REFUSED, reason="", line=0)
    assert find_faults([silent]) == ["has no reason, or no line"]
    tally = Tally(n=2)
    tally.add("one", find_faults([bad, silent]))
    tally.add("two", [])
    assert (tally.failures, len(tally.faults)) == (1, 2)
