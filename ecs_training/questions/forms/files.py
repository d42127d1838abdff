"""What staff send and choose to bring questions in, and to take them out."""

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    FileField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import InputRequired

from ecs_training.foundation.uploads import LARGEST
from ecs_training.questions.formats import FileRefused, Format, FoundItem, read
from ecs_training.questions.rules.wording import word_topic
from ecs_training.questions.services.recognising import recognise

NO_CHOICE = "Choose one of the list."
TOO_LARGE = "The file is too large for this page. Split it into smaller ones."
LIVE, ALL = "live", "all"
LONGEST_NAME = 120  # characters of a file's name
MOST_ASKED = 50  # names for topics that are asked about one by one
FORMAT_NAMES = {
    Format.GIFT: "GIFT",
    Format.MOODLE_XML: "Moodle XML",
    Format.AIKEN: "Aiken",
    Format.QTI: "QTI",
    Format.CSV: "CSV table",
    Format.XLSX: "Excel workbook (XLSX)",
}


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A question file that could be read."""

    name: str
    format: Format
    data: bytes
    found: Sequence[FoundItem]

    @property
    def carried(self) -> str:
        """Return the file as text, for the form that confirms what was planned for it.

        Between the two pages it is kept nowhere else: a table would hold exams that nobody
        imported until a job swept them out. It is read and judged anew when it comes back,
        as if it had been sent for the first time, so nothing of the form need be trusted.
        """
        return base64.urlsafe_b64encode(zlib.compress(self.data)).decode()


@dataclass(frozen=True, kw_only=True)
class AskedTopic:
    """One of the file's names for a topic, and which of ours was chosen for it."""

    field: str
    name: str
    chosen: str


class ImportForm(FlaskForm):
    """A file with what was chosen for it: sent, or carried from the page before.

    `topics` are ours; `chosen` holds what was chosen for names of the file, by field. Once
    valid, `sent` is the file.
    """

    file = FileField("Question file")
    carried = HiddenField()
    file_name = HiddenField()
    format = SelectField(
        "Format",
        choices=[
            SelectChoice("", "Find out from the file"),
            *(SelectChoice(each.value, name) for each, name in FORMAT_NAMES.items()),
        ],
        invalid_choice_message=NO_CHOICE,
    )
    topic = SelectField(
        "Topic of questions that name none of ours", invalid_choice_message=NO_CHOICE
    )
    seen = HiddenField()

    sent: SentFile

    def __init__(self, *, topics: Iterable[str], chosen: Mapping[str, str]) -> None:
        super().__init__()
        self.topics = list(topics)
        self.chosen = chosen
        self.topic.choices = [
            SelectChoice("", "None: leave such questions out"),
            *(SelectChoice(each, word_topic(each)) for each in self.topics),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        if super().validate(extra_validators):
            self._take()
        return not self.errors

    def _take(self) -> None:
        name, data = self._read()
        if not data or len(data) > LARGEST:
            self.file.errors = [TOO_LARGE if data else "Choose a file."]
            return
        chosen = self.format.data or recognise(data, name=name)
        if chosen is None:
            self.format.errors = ["The format cannot be told from the file. Choose it."]
            return
        try:
            found = read(data, format=Format(chosen), name=name)
        except FileRefused as refused:
            self.file.errors = [f"The file cannot be read. {refused}."]
            return
        self.sent = SentFile(name=name, format=Format(chosen), data=data, found=found)
        if len(self.sent.carried) > LARGEST:
            self.file.errors = [TOO_LARGE]

    def _read(self) -> tuple[str, bytes]:
        sent = self.file.data
        if isinstance(sent, FileStorage):
            return _plain_name(sent.filename or ""), sent.read()
        return _plain_name(self.file_name.data or ""), _unpacked(
            self.carried.data or ""
        )

    def ask_topics(self, names: Sequence[str]) -> list[AskedTopic]:
        """Return what was chosen for the file's names of topics; of very many, the first."""
        return [
            AskedTopic(field=field, name=name, chosen=self._chosen(field))
            for field, name in _fields(names).items()
        ]

    def mapping(self, names: Sequence[str]) -> dict[str, str]:
        """Return the file's names for which a topic of ours was chosen."""
        return {
            each.name: each.chosen for each in self.ask_topics(names) if each.chosen
        }

    def _chosen(self, field: str) -> str:
        chosen = self.chosen.get(field, "")
        return chosen if chosen in self.topics else ""


def _fields(names: Sequence[str]) -> dict[str, str]:
    return {f"topic-{n}": name for n, name in enumerate(names[:MOST_ASKED], 1)}


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in last if each.isprintable())
    return kept[-LONGEST_NAME:] or "the file"


def _unpacked(carried: str) -> bytes:
    """Return what was packed; nothing, where it is damaged or larger than a file may be."""
    try:
        packed = base64.urlsafe_b64decode(carried.encode())
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, LARGEST + 1)
    except (binascii.Error, ValueError, zlib.error):
        return b""
    return data if unpacking.eof else b""


class ExportForm(FlaskForm):
    """Which questions, and in which format. No topic chosen means every topic."""

    format = RadioField(
        "Format",
        choices=[SelectChoice(each.value, name) for each, name in FORMAT_NAMES.items()],
        coerce=str,
        validators=[InputRequired("Choose a format.")],
    )
    topics = SelectMultipleField(
        "Topics", invalid_choice_message="Choose from the list."
    )
    which = RadioField(
        "Which questions?",
        choices=[
            SelectChoice(LIVE, "Live questions"),
            SelectChoice(ALL, "All of them, drafts and retired ones as well"),
        ],
        coerce=str,
        default=LIVE,
    )

    def __init__(self, typed: Any, *, topics: Iterable[str], csrf: bool) -> None:
        super().__init__(formdata=typed, meta={"csrf": csrf})
        self.is_asked = bool(typed)
        self.topics.choices = [SelectChoice(each, word_topic(each)) for each in topics]
