import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    FileField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired

from ecs_training.foundation.forms import DateParts, at_most
from ecs_training.questions.forms.fields import Codes, Share, one_line
from ecs_training.questions.models import ItemRevision
from ecs_training.questions.queries.dossiers import PictureChoice, name_picture
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import LETTERS, Image, Jurisdiction, Source
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.parsing import (
    LONGEST_CLAUSE,
    LONGEST_OPTION,
    LONGEST_RATIONALE,
    LONGEST_STEM,
)
from ecs_training.questions.rules.wording import JURISDICTIONS, word_topic
from ecs_training.questions.services.pictures import (
    CleanPicture,
    PictureRefused,
    clean_picture,
)

NO_CHOICE = "Choose one of the list."
NO_KEY = "Choose which option is right."
NO_TOPIC = "Choose a topic."


def _option(letter: str) -> StringField:
    return StringField(
        f"Option {letter.upper()}",
        filters=[one_line],
        validators=[
            DataRequired(f"Write option {letter.upper()}."),
            at_most(LONGEST_OPTION),
        ],
    )


class ItemForm(FlaskForm):
    """A question as its author types it. `codes` are those of all items of the bank.

    Wording and key are always asked for; the facts beside them only of `wants_reading`.
    """

    based_on = HiddenField(default="0")
    topic = SelectField(
        "Topic", invalid_choice_message=NO_TOPIC, validators=[DataRequired(NO_TOPIC)]
    )
    stem = TextAreaField(
        "Question",
        filters=[one_line],
        validators=[DataRequired("Write the question."), at_most(LONGEST_STEM)],
    )
    option_a = _option("a")
    option_b = _option("b")
    option_c = _option("c")
    option_d = _option("d")
    key = RadioField(
        "Which option is right?",
        choices=[SelectChoice(letter, letter.upper()) for letter in LETTERS],
        coerce=str,
        invalid_choice_message=NO_KEY,
        validators=[InputRequired(NO_KEY)],
    )
    rationale = TextAreaField(
        "Why is it right, and why is the likeliest wrong answer wrong?",
        filters=[one_line],
        validators=[at_most(LONGEST_RATIONALE)],
    )
    source = SelectField("Source", invalid_choice_message=NO_CHOICE)
    clause = StringField(
        "Clause", filters=[one_line], validators=[at_most(LONGEST_CLAUSE)]
    )
    checked_on = DateParts("The day on which you looked it up")
    difficulty = Share("How many of 100 would get it right?")
    jurisdiction = SelectField(
        "Where does it apply?",
        choices=[
            SelectChoice(each.value, name) for each, name in JURISDICTIONS.items()
        ],
        invalid_choice_message=NO_CHOICE,
    )
    enemies = Codes("Never on one paper with")
    picture = SelectField("A picture of the bank", invalid_choice_message=NO_CHOICE)
    upload = FileField("Or send a picture")
    alt = StringField(
        "The picture in words", filters=[one_line], validators=[at_most(LONGEST_OPTION)]
    )

    def __init__(
        self,
        *,
        topics: Iterable[str],
        sources: Mapping[str, Source],
        pictures: Iterable[PictureChoice],
        codes: Collection[str],
        code: str = "",
        start: ItemRevision | None = None,
        topic: str = "",
    ) -> None:
        super().__init__(data=_typed_of(start, topic) if start else {"topic": topic})
        self.code = code
        self.codes = codes
        self.pictures = {choice.sha256: choice.file for choice in pictures}
        self.upload_problem = ""
        self.topic.choices = [SelectChoice("", "Choose a topic")] * (not code) + [
            SelectChoice(each, word_topic(each)) for each in topics
        ]
        self.source.choices = [
            SelectChoice("", "Choose a source"),
            *_source_choices(sources, start.source if start else ""),
        ]
        self._offer_pictures()

    def _offer_pictures(self) -> None:
        self.picture.choices = [
            SelectChoice("", "No picture"),
            *(SelectChoice(sha256, file) for sha256, file in self.pictures.items()),
        ]

    def take_upload(self) -> CleanPicture | None:
        """Return what may be kept of a picture that was sent with the form, if one was."""
        sent = self.upload.data
        content = sent.read() if isinstance(sent, FileStorage) else b""
        if not content:
            return None
        try:
            return clean_picture(content)
        except PictureRefused as refused:
            self.upload_problem = str(refused)
            return None

    def choose_picture(self, picture: CleanPicture) -> None:
        """Go on with a picture that was sent and is kept now: nobody need send it again."""
        self.pictures.setdefault(
            picture.sha256, name_picture(picture.sha256, picture.media_type)
        )
        self._offer_pictures()
        self.picture.data = picture.sha256

    def draft(self) -> ItemDraft:
        """Return what was typed, as far as it can be read, whether or not it is valid."""
        chosen = self.picture.data or ""
        name = self.pictures.get(chosen)
        places = {each.value for each in Jurisdiction}
        place = self.jurisdiction.data if self.jurisdiction.data in places else "gb"
        return ItemDraft(
            stem=self.stem.data,
            options={each: self[f"option_{each}"].data or "" for each in LETTERS},
            key=self.key.data if self.key.data in LETTERS else "",
            image=Image(file=name, alt=self.alt.data, sha256=chosen) if name else None,
            rationale=self.rationale.data,
            source=self._chosen_source(),
            clause=self.clause.data,
            checked_on=self.checked_on.data,
            difficulty=self.difficulty.data,
            jurisdiction=Jurisdiction(place),
            enemies=self.enemies.data or (),
        )

    def _chosen_source(self) -> str:
        offered = {choice.value for choice in self.source.choices}
        return self.source.data if self.source.data in offered else ""

    def based_on_number(self) -> int:
        typed = str(self.based_on.data or "")
        return int(typed) if re.fullmatch(r"\d{1,9}", typed) else 0

    def add_problems(self, problems: Iterable[tuple[str, str]]) -> None:
        """Add what a rule found, unless the field has a problem of its own."""
        for name, message in problems:
            if not self[name].errors:
                self[name].errors = [message]

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        self.add_problems(self._same_options())
        if self.upload_problem:
            self.add_problems([("upload", self.upload_problem)])
        return not self.errors

    def _same_options(self) -> Iterator[tuple[str, str]]:
        seen: dict[str, str] = {}
        for letter in LETTERS:
            said = " ".join((self[f"option_{letter}"].data or "").casefold().split())
            if said and said in seen:
                message = (
                    f"Option {letter.upper()} says the same as option {seen[said]}."
                )
                yield f"option_{letter}", message
            seen.setdefault(said, letter.upper())

    def validate_enemies(self, field: Codes) -> None:
        for code in field.data:
            if code == self.code:
                raise ValidationError("A question may always stand beside itself.")
            if code not in self.codes:
                raise ValidationError(f"There is no question {code}.")


def _typed_of(start: ItemRevision, topic: str) -> dict[str, Any]:
    draft = draft_of(start)
    return {
        "based_on": str(start.revision),
        "topic": topic,
        "stem": draft.stem,
        **{f"option_{letter}": draft.options[letter] for letter in LETTERS},
        "key": draft.key,
        "rationale": draft.rationale,
        "source": draft.source,
        "clause": draft.clause,
        "checked_on": draft.checked_on,
        "difficulty": draft.difficulty,
        "jurisdiction": draft.jurisdiction.value,
        "enemies": draft.enemies,
        "picture": draft.image.sha256 if draft.image else "",
        "alt": draft.image.alt if draft.image else "",
    }


def _source_choices(sources: Mapping[str, Source], now: str) -> list[SelectChoice]:
    """Offer the sources by title, and the one that is cited now, known or not."""
    named = {name: source.title for name, source in sources.items()}
    if now:
        named.setdefault(now, now)
    by_title = sorted(named.items(), key=lambda each: each[1])
    return [SelectChoice(name, title[:120]) for name, title in by_title]
