from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import IntegerField, SearchField, SelectChoice, SelectField

from ecs_training.foundation.forms import tidy_spaces
from ecs_training.questions.queries.search import BankSearch
from ecs_training.questions.rules.standing import Figures, ItemState
from ecs_training.questions.rules.wording import word_topic

Word = TypeVar("Word", bound=StrEnum)


def _word(words: type[Word], typed: str | None) -> Word | None:
    return words(typed) if typed in {word.value for word in words} else None


class SearchForm(FlaskForm):
    """What staff look for. Sent by GET, so that a search can be bookmarked."""

    q = SearchField("Words or code", filters=[lambda typed: tidy_spaces(typed)[:200]])
    topic = SelectField("Topic", validate_choice=False, filters=[tidy_spaces])
    state = SelectField(
        "State",
        validate_choice=False,
        choices=[
            SelectChoice("", "Any"),
            SelectChoice(ItemState.LIVE.value, "Live"),
            SelectChoice(ItemState.DRAFT.value, "Draft"),
            SelectChoice(ItemState.WAITING.value, "Waiting for the second reading"),
            SelectChoice(ItemState.SENT_BACK.value, "Sent back"),
            SelectChoice(ItemState.SUSPENDED.value, "Suspended"),
            SelectChoice(ItemState.RETIRED.value, "Retired"),
        ],
    )
    source = SelectField("Source", validate_choice=False, filters=[tidy_spaces])
    figures = SelectField(
        "Answers",
        validate_choice=False,
        choices=[
            SelectChoice("", "Any"),
            SelectChoice(Figures.FEW.value, "Too few answers to say"),
            SelectChoice(Figures.HARD.value, "Hard: under 40% right"),
            SelectChoice(Figures.EASY.value, "Easy: over 98% right"),
        ],
    )
    page = IntegerField("Page")

    def __init__(
        self, typed: Any, *, topics: Iterable[str], sources: Mapping[str, str]
    ) -> None:
        super().__init__(formdata=typed, meta={"csrf": False})
        self.topic.choices = [
            SelectChoice("", "All"),
            *(SelectChoice(each, word_topic(each)) for each in topics),
        ]
        self.source.choices = [
            SelectChoice("", "All"),
            *(SelectChoice(name, title[:80]) for name, title in sources.items()),
        ]

    def search(self) -> BankSearch:
        return BankSearch(
            words=self.q.data,
            topic=self.topic.data or "",
            state=_word(ItemState, self.state.data),
            source=self.source.data or "",
            figures=_word(Figures, self.figures.data),
        )

    def page_number(self) -> int:
        typed = self.page.data
        return typed if isinstance(typed, int) and typed > 0 else 1
