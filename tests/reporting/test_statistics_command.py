"""`ecs-training statistics`, as somebody who checks our figures from outside meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ecs_training.cli.statistics import count_statistics
from ecs_training.reporting.rules.scored import ScoresFault, read_scores

COMMAND = [sys.executable, "-c", "from ecs_training.cli import main; main()"]
SCORES = """candidate,item,score,max
A,q1,1,1
A,q2,2,2
B,q1,0,1
B,q2,1,2
"""
STEPS = """candidate,item,step,score,max
A,q1,1,0,1
A,q1,2,1,1
A,q2,1,,2
A,q2,3,2,2
A,q2,2,0.5,2
B,q2,1,1,2
B,q1,10,0,1
B,q1,9,1,1
"""
ITEM = [
    "id",
    "n",
    "facility",
    "sd",
    "discrimination_index",
    "discriminative_efficiency",
]
TEST = ["n", "mean", "median", "sd", "skewness", "kurtosis"]


def run(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the real command in a process of its own, with no database to reach."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [*COMMAND, "statistics", *words],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write(folder: Path, text: str) -> str:
    path = folder / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(folder: Path, text: str) -> Any:
    answer = CliRunner().invoke(count_statistics, [write(folder, text), "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_json_has_the_promised_names_and_null_where_nothing_is_known(
    tmp_path: Path,
) -> None:
    answer = CliRunner().invoke(count_statistics, [write(tmp_path, SCORES), "--json"])

    assert (answer.exit_code, answer.stderr) == (0, "")
    found = json.loads(answer.stdout)
    assert list(found) == ["items", "test"]
    assert [item["id"] for item in found["items"]] == ["q1", "q2"]
    assert all(
        list(item) == [*ITEM, "intended_weight", "effective_weight"]
        for item in found["items"]
    )
    assert list(found["test"]) == [*TEST, "cic", "error_ratio", "standard_error"]
    assert found["items"][0]["facility"] == 50
    assert found["test"]["n"] == 2
    assert found["test"]["cic"] is None
    assert "NaN" not in answer.stdout


def test_without_json_it_is_a_table(tmp_path: Path) -> None:
    answer = CliRunner().invoke(count_statistics, [write(tmp_path, SCORES)])

    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert lines[0].split()[:3] == ["item", "n", "facility"]
    assert lines[1].split()[:3] == ["q1", "2", "50.000"]
    assert ["skewness", "-"] in [line.split() for line in lines]


def test_the_last_step_counts_wherever_its_row_stands(tmp_path: Path) -> None:
    assert told(tmp_path, STEPS) == told(tmp_path, SCORES)


def test_who_is_not_wholly_marked_is_left_out_and_said(tmp_path: Path) -> None:
    waiting = STEPS + "C,q1,1,1,1\nC,q2,1,2,2\nC,q2,2,,2\n"
    answer = CliRunner().invoke(count_statistics, [write(tmp_path, waiting), "--json"])

    assert json.loads(answer.stdout) == told(tmp_path, STEPS)
    assert answer.stderr == "Left out, not wholly marked: 1.\n"


def test_a_refusal_is_one_line_that_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, SCORES + "C,q1,2,1\n")
    answer = run(path, "--json", cwd=tmp_path)

    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr == (
        f"ecs-training: {path}: line 6: score 2 is not within 0 and 1\n"
    )


@pytest.mark.parametrize("words", [[], ["nothing.csv"], [".", "--yaml"], ["."]])
def test_wrong_usage_is_2(words: list[str]) -> None:
    assert CliRunner().invoke(count_statistics, words).exit_code == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"candidate\xe9"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scores.csv").write_bytes(content)
    answer = CliRunner().invoke(count_statistics, [str(tmp_path / "scores.csv")])

    assert answer.exit_code == 1
    assert "line 1: this is no UTF-8 text" in answer.output


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,q1,0,1", "A and q1 are there twice"),
        ("C,q1,1,0", "max must be above 0, not 0"),
        ("C,q1,0,-1", "max must be above 0, not -1"),
        ("C,q1,-0.01,1", "score -0.01 is not within 0 and 1"),
        ("C,q1,1.01,1", "score 1.01 is not within 0 and 1"),
        ("C,q1,,1", "score must be a number, not ''"),
        ("C,q1,one,1", "score must be a number, not 'one'"),
        ("C,q1,nan,1", "score must be a number, not 'nan'"),
        ("C,q1,1_0,10", "score must be a number, not '1_0'"),
        ("C,q1,٣,10", "score must be a number, not '٣'"),
        ("C,q1,1,inf", "max must be a number, not 'inf'"),
        ("C,q1,1,1e10", "max must be at most 1000000000 with at most 30 decimals"),
        ("C,q1,1e-99,1", "score must be at most 1000000000 with at most 30 decimals"),
        ("C,q1,1,2", "q1 had another max before"),
        (",q1,1,1", "candidate is empty"),
        ("C, ,1,1", "item is empty"),
        ("C,q1,1", "3 columns, but the header has 4"),
        ("C,q1,1,1,1", "5 columns, but the header has 4"),
    ],
)
def test_a_row_that_cannot_be_counted_is_refused_by_its_line(
    row: str, message: str
) -> None:
    with pytest.raises(ScoresFault) as refused:
        read_scores(f"{SCORES}\n\n{row}\nZ,q1,1,1\n")
    assert str(refused.value) == f"line 8: {message}"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,q1,2,1,1", "A and q1 are there twice"),
        ("C,q1,1.5,1,1", "step must be a whole number, not '1.5'"),
        ("C,q1,,1,1", "step must be a whole number, not ''"),
        ("C,q1,1,,0", "max must be above 0, not 0"),
    ],
)
def test_a_step_that_cannot_be_counted_is_refused(row: str, message: str) -> None:
    with pytest.raises(ScoresFault, match=f"line 10: {message}"):
        read_scores(STEPS + row)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("\n\n", "line 1: the file is empty"),
        ("A,q1,1,1\n", "line 1: the header must be"),
        ("candidate,item,score\n", "line 1: the header must be"),
        ("candidate,item,score,max,max\n", "line 1: the header must be"),
        ("candidate,item,score,max,note\n", "line 1: the header must be"),
        ("candidate,item,score,max\n", "line 1: the file holds no candidate"),
        (
            "candidate,item,step,score,max\nA,q,1,,1\n",
            "line 2: the file holds no candidate",
        ),
    ],
)
def test_a_file_without_anything_to_count_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScoresFault, match=message):
        read_scores(text)


def test_columns_may_stand_in_any_order_and_texts_in_quotes() -> None:
    text = (
        '\ufeffMax, Score ,ITEM,candidate\r\n1,0.50,"stairs, wet","O\'Neill\n2nd"\r\n'
    )
    (answer,) = read_scores(text).answers

    assert (answer.candidate, answer.item) == ("O'Neill\n2nd", "stairs, wet")
    assert (float(answer.score), float(answer.max)) == (0.5, 1)
