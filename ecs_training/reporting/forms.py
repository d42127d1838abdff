from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectChoice, SelectField

from ecs_training.foundation.forms import tidy_spaces
from ecs_training.questions.rules.wording import word_topic
from ecs_training.reporting.rules.listing import ListedItem, Order

LOOK = "look"


class ItemListForm(FlaskForm):
    """Which questions, in which order. Sent by GET, so that a list can be bookmarked."""

    topic = SelectField("Topic", validate_choice=False, filters=[tidy_spaces])
    show = SelectField(
        "Show",
        validate_choice=False,
        choices=[SelectChoice("", "All"), SelectChoice(LOOK, "What needs a look")],
    )
    sort = SelectField(
        "Order",
        validate_choice=False,
        choices=[SelectChoice(order.name.lower(), order.value) for order in Order],
    )
    page = IntegerField("Page")

    def __init__(self, typed: Any, *, topics: Iterable[str]) -> None:
        super().__init__(formdata=typed, meta={"csrf": False})
        self.topic.choices = [
            SelectChoice("", "All"),
            *(SelectChoice(each, word_topic(each)) for each in topics),
        ]

    def order(self) -> Order:
        """Return the order that was asked for; of an unknown one, the first."""
        named = {order.name.lower(): order for order in Order}
        return named.get(self.sort.data or "", Order.CONCERN)

    def asked(self) -> dict[str, str]:
        """Return what was asked for but the page, for links to another one."""
        typed = {name: self[name].data or "" for name in ("topic", "show", "sort")}
        return {name: value for name, value in typed.items() if value}

    def keeps(self, row: ListedItem) -> bool:
        """Say whether a question is among those that were asked for."""
        if self.topic.data and row.topic != self.topic.data:
            return False
        return bool(row.concerns) or self.show.data != LOOK

    def page_number(self) -> int:
        typed = self.page.data
        return typed if isinstance(typed, int) and typed > 0 else 1
