"""`ecs-training statistics`: figures from a file of scored answers, without a database."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from ecs_training.cli.stopping import Stopped
from ecs_training.reporting.rules.classical import ItemFigures, Statistics, work_out
from ecs_training.reporting.rules.scored import ScoresFault, read_scores

HEADS = ("n", "facility", "sd", "discr.", "effic.", "intended", "effective")


@click.command("statistics")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def count_statistics(file: Path, *, as_json: bool) -> None:
    """Work out item and test statistics by Moodle's definitions, in per cent.

    FILE is CSV with the header candidate,item,score,max, or with candidate,item,step,score,max,
    of which the last step counts. A candidate without a row for an item was not asked it.
    """
    try:
        scores = read_scores(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise Stopped(f"{file}: line 1: this is no UTF-8 text") from None
    except ScoresFault as fault:
        raise Stopped(f"{file}: {fault}") from None
    if scores.left_out:
        click.echo(f"Left out, not wholly marked: {scores.left_out}.", err=True)
    found = work_out(scores.answers)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, allow_nan=False))
        return
    for line in _as_lines(found):
        click.echo(line)


def _as_lines(found: Statistics) -> Iterator[str]:
    width = max(4, *(len(item.id) for item in found.items))
    yield f"{'item':<{width}}{''.join(f'{head:>11}' for head in HEADS)}"
    for item in found.items:
        yield f"{item.id:<{width}}{item.n:>11}{''.join(_cells(item))}"
    yield ""
    for name, value in asdict(found.test).items():
        yield f"{name.replace('_', ' '):<16}{_word(value):>11}"


def _cells(item: ItemFigures) -> Iterator[str]:
    figures = list(asdict(item).values())[2:]
    return (f"{_word(figure):>11}" for figure in figures)


def _word(figure: float | None) -> str:
    if figure is None:
        return "-"
    return str(figure) if isinstance(figure, int) else f"{figure:.3f}"
