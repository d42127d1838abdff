"""`ecs-training questions check` and `draw`: the bank's files alone, without a database."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ecs_training.foundation.clock import utc_now
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import read_settings
from ecs_training.questions.rules import (
    BankError,
    BankTooSmall,
    Drawn,
    Fault,
    PaperMaker,
)
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.services import (
    BankCheck,
    check_bank,
    read_bank,
    read_blueprint,
    record_revisions,
)


def _or_the_setting(
    _context: click.Context, _option: click.Parameter, folder: Path | None
) -> Path:
    return folder or read_settings(os.environ).question_bank


bank_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    callback=_or_the_setting,
    help="Bank folder; the setting QUESTION_BANK if not given.",
)


@click.command("check")
@bank_folder
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option(
    "--record", is_flag=True, help="First add what is live now to revisions.yaml."
)
def check_questions(folder: Path, *, as_json: bool, record: bool) -> None:
    """Find everything that is wrong with the bank's files; exit 1 if anything is.

    Only --record writes: it adds the hashes of new live revisions and changes none.
    """
    added = record_revisions(folder) if record else 0
    check = check_bank(folder, today=london_date(utc_now()))
    if as_json:
        click.echo(json.dumps(_as_json(check), ensure_ascii=False, indent=1))
    else:
        for line in _as_lines(check):
            click.echo(line)
        if record:
            click.echo(f"{added} live revisions were added to revisions.yaml.")
    sys.exit(1 if check.findings else 0)


def _as_json(check: BankCheck) -> dict[str, object]:
    reading = check.reading
    return {
        "ok": not check.findings,
        "live": check.live,
        "by_topic": dict(check.by_topic),
        "findings": [
            {
                "file": finding.file,
                "line": finding.line,
                "item": finding.item,
                "rule": finding.rule,
                "message": _message(finding),
            }
            for finding in check.findings
        ],
        "blueprints": {name: dict(topics) for name, topics in check.drawn.items()},
        "longest_key": round(check.longest_key, 3),
        "reading": {
            "average": round(reading.average, 2),
            "highest": round(reading.highest, 2),
            "average_without_terms": round(reading.average_without_terms, 2),
            "highest_without_terms": round(reading.highest_without_terms, 2),
            "terms": reading.terms,
        },
    }


def _message(finding: Fault) -> str:
    if finding.field in {None, finding.rule}:
        return finding.message
    return f"{finding.field}: {finding.message}"


def _as_lines(check: BankCheck) -> Iterator[str]:
    for found in check.findings:
        place = f"{found.file}:{found.line or '-'}: {found.item or '-'}"
        yield f"{place}: {found.rule}: {_message(found)}"
    count = len(check.findings)
    yield f"{count} finding{'' if count == 1 else 's'}; {check.live} live items."
    yield from _table(check)
    reading = check.reading
    yield (
        f"Key strictly the longest option: {check.longest_key:.0%}. Reading grade:"
        f" {reading.average:.1f} on average, {reading.highest:.1f} at most, with"
        f" {reading.terms} technical terms excepted;"
        f" {reading.average_without_terms:.1f} and"
        f" {reading.highest_without_terms:.1f} with none."
    )


def _table(check: BankCheck) -> Iterator[str]:
    for name, topics in check.drawn.items():
        yield f"{'topic':<24}{'live':>6}{name:>8}{'times':>8}"
        for topic, live in check.by_topic.items():
            drawn = topics.get(topic, 0)
            times = f"{live / drawn:.1f}" if drawn else "-"
            yield f"{topic:<24}{live:>6}{drawn:>8}{times:>8}"


@click.command("draw")
@click.option("--blueprint", required=True, help="Its id, like hse.")
@click.option("--count", type=click.IntRange(min=1), default=1, help="How many papers.")
@click.option("--seed", required=True, help="The same seed draws the same papers.")
@bank_folder
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a paper and line."
)
def draw_questions(
    blueprint: str, count: int, seed: str, folder: Path, *, as_json: bool
) -> None:
    """Draw papers from the live items of the bank's files. Nothing is stored."""
    makeup = read_blueprint(folder, blueprint)
    live = [drawable(item) for item in read_bank(folder).items if item.is_live]
    maker = PaperMaker(live, makeup)
    for n in range(1, count + 1):
        try:
            paper = maker.draw(seed=f"{seed}/{n}")
        except BankTooSmall as error:
            file = f"blueprints/{blueprint}.yaml"
            raise BankError(Fault(file=file, message=str(error))) from None
        click.echo(_paper_json(paper) if as_json else _paper_text(paper, n))


def _paper_json(paper: list[Drawn]) -> str:
    items = [
        {"id": drawn.code, "revision": drawn.revision_id, "order": list(drawn.order)}
        for drawn in paper
    ]
    return json.dumps({"items": items})


def _paper_text(paper: list[Drawn], n: int) -> str:
    lines = [f"Paper {n}"]
    for place, drawn in enumerate(paper, start=1):
        lines.append(
            f"{place:>4}. {drawn.code:<12} revision {drawn.revision_id}"
            f"  options {' '.join(drawn.order)}"
        )
    return "\n".join(lines)
