"""Judging the items of a question file, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecs_training.questions.formats import FoundItem, Verdict
from ecs_training.questions.formats.drafts import collapse
from ecs_training.questions.queries.dossiers import name_picture
from ecs_training.questions.rules.bank import LETTERS, Image, Jurisdiction
from ecs_training.questions.rules.drafting import ItemDraft, code_start, next_code
from ecs_training.questions.rules.entries import LONGEST_SLUG
from ecs_training.questions.rules.importing import same_question
from ecs_training.questions.services.import_pictures import TakenPicture
from ecs_training.questions.services.import_plans import (
    NEW,
    BankNow,
    ImportPlan,
    PlannedItem,
    TopicChoice,
    list_strange_topics,
)

NO_PICTURE = TakenPicture()
MOST_NAMED = 5  # unknown enemies of an item


def make_plan(
    found: Sequence[FoundItem],
    *,
    pictures: Mapping[bytes, TakenPicture],
    choice: TopicChoice,
    bank: BankNow,
) -> ImportPlan:
    planner = _Planner(pictures, choice, bank)
    judged = [planner.judge(item) for item in found]
    asking = [item.found for item in judged if item.wants_topic]
    return ImportPlan(
        items=tuple(planner.add_draft(item) for item in judged),
        strange_topics=list_strange_topics(asking, topics=choice.topics),
        lacks_topics=any(not item.topic for item in asking),
    )


class _Planner:
    """Judges item after item, remembering what those before it became."""

    def __init__(
        self,
        pictures: Mapping[bytes, TakenPicture],
        choice: TopicChoice,
        bank: BankNow,
    ) -> None:
        self.pictures = pictures
        self.choice = choice
        self.bank = bank
        self.seen: dict[str, PlannedItem] = {}
        self.new_codes: dict[str, str] = {}  # the file's code -> ours
        self.newest: dict[str, str] = {}  # start of a topic's codes -> the last given

    def judge(self, item: FoundItem) -> PlannedItem:
        if item.verdict is Verdict.REFUSED:
            return _planned(item, item.verdict)
        taken = self._picture(item)
        if taken.fault:
            return _planned(item, Verdict.REFUSED, taken.fault)
        asked = _name_question(item, taken)
        code = self.bank.questions.get(asked)
        if code:
            self._remember(item, code)
            return _planned(item, Verdict.DUPLICATE, f"The bank has it as {code}", code)
        if first := self.seen.get(asked):
            return self._repeated(item, first)
        if item.verdict is Verdict.DUPLICATE:  # of one that was refused
            return _planned(item, item.verdict)
        planned = self._new(item, taken)
        if planned.code:
            self.seen[asked] = planned
        return planned

    def _picture(self, item: FoundItem) -> TakenPicture:
        return self.pictures[item.picture.data] if item.picture else NO_PICTURE

    def _remember(self, item: FoundItem, code: str) -> None:
        if item.code:
            self.new_codes.setdefault(item.code, code)

    def _repeated(self, item: FoundItem, first: PlannedItem) -> PlannedItem:
        self._remember(item, first.code or "")
        if item.verdict is Verdict.DUPLICATE:
            return _planned(item, item.verdict)
        why = f"says the same as the item on line {first.found.line}"
        return _planned(item, Verdict.DUPLICATE, why)

    def _new(self, item: FoundItem, taken: TakenPicture) -> PlannedItem:
        if item.code in self.bank.codes:
            why = f"{item.code} is in the bank with other words; edit it there"
            return _planned(item, Verdict.REFUSED, why)
        topic = self.choice.choose(item.topic)
        if topic is None:
            refused = _planned(item, Verdict.REFUSED, _why_no_topic(item))
            return replace(refused, wants_topic=True)
        code = self._next_code(topic)
        self._remember(item, code)
        planned = _planned(item, item.verdict, "", code)
        return replace(planned, topic=topic, wants_topic=True, picture=taken.clean)

    def _next_code(self, topic: str) -> str:
        start = code_start(topic)
        last = self.newest.get(start)
        code = next_code(topic, [last] if last else self.bank.codes)
        self.newest[start] = code
        return code

    def add_draft(self, planned: PlannedItem) -> PlannedItem:
        """Add what would be written, once it is known what every item became."""
        if planned.verdict not in NEW:
            return planned
        item = planned.found
        draft, losses = self._draft(planned)
        losses = [*self._picture(item).losses, *losses]
        return replace(
            planned,
            verdict=Verdict.CHANGED if losses else item.verdict,
            reason=_joined(item.reason, *losses),
            draft=draft,
        )

    def _draft(self, planned: PlannedItem) -> tuple[ItemDraft, list[str]]:
        item = planned.found
        losses = []
        source, clause, checked_on = item.source or "", item.clause, item.checked_on
        if source and source not in self.bank.sources:
            losses.append(f"its source {source} was left out: the bank has none such")
            source, clause, checked_on = "", None, None
        enemies, unknown = self._enemies(item, planned.code)
        if unknown:
            losses.append(_why_not_enemies(unknown))
        if item.picture and not collapse(item.picture.alt):
            losses.append("its picture still needs words for those who cannot see it")
        draft = ItemDraft(
            stem=item.stem,
            options=dict(zip(LETTERS, (o.text for o in item.options), strict=True)),
            key=_key(item),
            image=_image(planned),
            rationale=item.rationale,
            source=source,
            clause=collapse(clause or ""),
            checked_on=checked_on,
            difficulty=item.difficulty,
            jurisdiction=item.jurisdiction or Jurisdiction.GB,
            enemies=enemies,
        )
        return draft, losses

    def _enemies(
        self, item: FoundItem, own: str | None
    ) -> tuple[tuple[str, ...], list[str]]:
        """Turn the file's codes into ours; return those, and the unknown ones."""
        known: dict[str, None] = {}
        unknown = []
        for code in item.enemies:
            ours = self.new_codes.get(code) or (
                code if code in self.bank.codes else None
            )
            if ours is None:
                unknown.append(code)
            elif ours != own:
                known[ours] = None
        return tuple(known), unknown


def _planned(
    item: FoundItem, verdict: Verdict, why: str = "", code: str | None = None
) -> PlannedItem:
    reason = why or item.reason
    return PlannedItem(found=item, verdict=verdict, reason=reason, code=code)


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)


def _name_question(item: FoundItem, taken: TakenPicture) -> str:
    return same_question(
        item.stem,
        [(option.text, option.correct) for option in item.options],
        picture=taken.clean.sha256 if taken.clean else None,
    )


def _why_no_topic(item: FoundItem) -> str:
    if item.topic:
        return f"its topic “{item.topic}” is none of ours; choose which one it is"
    return "it names no topic; choose one"


def _why_not_enemies(unknown: Sequence[str]) -> str:
    named = ", ".join(code[:LONGEST_SLUG] for code in unknown[:MOST_NAMED])
    more = len(unknown) - MOST_NAMED
    also = f" and {more} more" if more > 0 else ""
    return f"{named}{also} were left out of its enemies: the bank has none such"


def _key(item: FoundItem) -> str:
    right = (option.correct for option in item.options)
    return LETTERS[list(right).index(True)]


def _image(planned: PlannedItem) -> Image | None:
    picture, found = planned.picture, planned.found.picture
    if picture is None or found is None:
        return None
    name = name_picture(picture.sha256, picture.media_type)
    return Image(file=name, alt=collapse(found.alt), sha256=picture.sha256)
