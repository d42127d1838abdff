"""`ecs-training questions import` and `export`: files of other systems, and files for them."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ecs_training.cli.question_bank import (
    export_from_bank,
    import_into_bank,
    write_bank_files,
)
from ecs_training.cli.stopping import Stopped
from ecs_training.foundation.settings import read_settings
from ecs_training.questions.formats import (
    LARGEST,
    ExportItem,
    FileRefused,
    Format,
    FoundItem,
    FoundOption,
    FoundPicture,
    read,
    too_large,
    write,
)
from ecs_training.questions.rules.bank import BankItem
from ecs_training.questions.services import read_bank
from ecs_training.questions.services.exporting import ExportFile, ExportWish
from ecs_training.questions.services.importing import ImportReport, ImportSource

WIDEST = 60  # characters of a stem in the table
FORMATS = click.Choice([each.value for each in Format])
YAML = "yaml"  # the bank's own files: a folder, and never read by `import`
EXPORT_FORMATS = click.Choice([*(each.value for each in Format), YAML])


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=FORMATS, required=True)
@click.option("--dry-run", is_flag=True, help="Say what would come of it; no more.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option("--as", "email", help="Staff member whose drafts the questions become.")
@click.option("--topic", help="Our topic for questions that name none of ours.")
@click.option(
    "--map", "pairs", multiple=True, metavar="NAME=TOPIC", help="Theirs=ours."
)
def import_questions(
    file: Path,
    form: str,
    *,
    dry_run: bool,
    as_json: bool,
    email: str | None,
    topic: str | None,
    pairs: tuple[str, ...],
) -> None:
    """Read a question FILE and say of each item whether it can be imported, and why not.

    Only questions with one right answer of exactly four are. `changed` ones lost something
    that a candidate saw, like emphasis; the reason says what. With --dry-run the file alone
    is judged; without it the questions become drafts, which somebody else must read.

    CSV and XLSX name their columns in the first row: stem, option_a to option_d and key (a
    letter, a number or the whole option); and, if they like, code, topic, rationale, source,
    clause, checked_on, difficulty, jurisdiction and enemies.
    """
    if not (dry_run or email):
        raise click.UsageError("Say --dry-run, or --as EMAIL of a member of staff.")
    topics = dict(map(_parted, pairs))
    try:
        items = import_file(file, Format(form))
    except FileRefused as refused:
        raise Stopped(str(refused)) from None
    report = None
    if email and not dry_run:
        report = import_into_bank(
            items,
            source=ImportSource(format=Format(form), file_name=file.name),
            email=email,
            topics=topics,
            default_topic=topic,
        )
    _say_what_came(items, report, as_json=as_json)


def _say_what_came(
    items: list[FoundItem], report: ImportReport | None, *, as_json: bool
) -> None:
    if report:
        items = [
            replace(each.found, verdict=each.verdict, reason=each.reason)
            for each in report.plan.items
        ]
    for line in _as_json(items) if as_json else _as_table(items):
        click.echo(line)
    if report and report.codes and not as_json:
        click.echo(f"New drafts: {', '.join(report.codes)}.")


def _parted(pair: str) -> tuple[str, str]:
    theirs, sign, ours = pair.rpartition("=")
    if not (theirs.strip() and sign and ours.strip()):
        raise click.BadParameter(f"{pair!r} is not NAME=TOPIC", param_hint="--map")
    return theirs, ours.strip()


def import_file(path: Path, form: Format) -> list[FoundItem]:
    """Read a file and judge its items. Raise FileRefused, also for a file that is not there."""
    return read(_bytes_of(path, form), format=form, name=path.name)


def _bytes_of(path: Path, form: Format) -> bytes:
    """Never take in more than the format allows, whatever the file says of its size."""
    most = LARGEST[form]
    try:
        if not path.is_file():
            raise FileRefused("is no file", name=str(path))
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise FileRefused(why, name=str(path)) from None
    if len(data) > most:
        raise FileRefused(too_large(form), name=path.name)
    return data


def _as_json(items: Sequence[FoundItem]) -> Iterator[str]:
    """Yield one object, an item a line: thousands of them never stand in memory twice."""
    yield '{"items": ['
    for left, item in zip(range(len(items) - 1, -1, -1), items, strict=True):
        yield json.dumps(_described(item)) + ("," if left else "")
    yield "]}"


def _described(item: FoundItem) -> dict[str, Any]:
    return {
        "stem": item.stem,
        "options": [
            {"text": each.text, "correct": each.correct} for each in item.options
        ],
        "verdict": item.verdict.value,
        "reason": item.reason,
        "line": item.line,
    }


def _as_table(items: Sequence[FoundItem]) -> Iterator[str]:
    for item in items:
        stem = item.stem
        stem = f"{stem[: WIDEST - 1]}…" if len(stem) > WIDEST else stem
        reason = f": {item.reason}" if item.reason else ""
        yield f"line {item.line:>5}  {item.verdict.value:<9}  {stem}{reason}"
    counts = Counter(item.verdict.value for item in items)
    yield ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "."


@click.command("export")
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--format", "form", type=EXPORT_FORMATS, required=True)
@click.option(
    "--topic", "topics", multiple=True, help="Of this topic; may be repeated."
)
@click.option("--folder", type=click.Path(path_type=Path), help="Bank folder.")
@click.option("--all", "every", is_flag=True, help="Drafts and retired items as well.")
@click.option(
    "--from-database", is_flag=True, help="As staff left them, not the folder."
)
def export_questions(
    output: Path,
    form: str,
    topics: tuple[str, ...],
    folder: Path | None,
    *,
    every: bool,
    from_database: bool,
) -> None:
    """Write the live items of a bank's folder to OUTPUT, right answers included.

    Items that the format cannot carry are left out and named. The format yaml writes the
    bank of the database as a new folder OUTPUT, to be kept and loaded again.
    """
    if form == YAML:
        if topics or every or not from_database:
            raise click.UsageError("yaml is the whole bank: say --from-database alone.")
        _export_bank(output, folder)
        return
    wish = ExportWish(format=Format(form), topics=topics, every=every)
    if from_database:
        made = export_from_bank(wish)
    else:
        made = _export_folder(wish, folder or read_settings(os.environ).question_bank)
    try:
        output.write_bytes(made.data)
    except OSError as error:
        why = f"{output}: cannot be written: {error.strerror}"
        raise Stopped(why) from None
    for code, reason in made.left_out:
        click.echo(f"left out {code}: {reason}")
    click.echo(f"{made.count} items written to {output}.")


def _export_folder(wish: ExportWish, folder: Path) -> ExportFile:
    items = [
        item
        for item in read_bank(folder).items
        if (wish.every or item.is_live)
        and (not wish.topics or item.topic in wish.topics)
    ]
    if not items:
        raise Stopped(f"no such item in {folder}; nothing was written")
    written = write(_exported(items, folder), format=wish.format)
    return ExportFile(
        data=written.data,
        count=len(items) - len(written.left_out),
        left_out=written.left_out,
    )


def _export_bank(output: Path, folder: Path | None) -> None:
    made = write_bank_files(output, folder=folder)
    for code, reason in made.left_out:
        click.echo(f"left out {code}: {reason}")
    for code, enemy in made.strangers:
        click.echo(f"{code}: its enemy {enemy} was left out, and so it is none there")
    click.echo(f"{made.items} items written to {output}, {made.live} of them live.")


def _exported(items: Iterable[BankItem], folder: Path) -> Iterator[ExportItem]:
    for item in items:
        yield ExportItem(
            code=item.code,
            topic=item.topic,
            stem=item.stem,
            options=tuple(
                FoundOption(text=text, correct=letter == item.key)
                for letter, text in item.options.items()
            ),
            rationale=item.rationale,
            source=item.source,
            clause=item.clause,
            checked_on=item.checked_on,
            difficulty=item.difficulty,
            jurisdiction=item.jurisdiction,
            enemies=item.enemies,
            picture=_picture(item, folder),
        )


def _picture(item: BankItem, folder: Path) -> FoundPicture | None:
    if not item.image:
        return None
    data = (folder / "images" / item.image.file).read_bytes()
    return FoundPicture(name=item.image.file, alt=item.image.alt, data=data)
