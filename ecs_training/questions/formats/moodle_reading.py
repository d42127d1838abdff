"""Moodle XML, after the public description of the format: `<quiz>` of `<question>`s."""

import base64
import binascii
import math
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from ecs_training.questions.formats.drafts import Draft, collapse, judge, other_type
from ecs_training.questions.formats.found import FileRefused, FoundItem
from ecs_training.questions.formats.gift_reading import last_part
from ecs_training.questions.formats.markup import Flat
from ecs_training.questions.formats.pictures import (
    PictureFault,
    picture_named,
    why_not_picture,
)
from ecs_training.questions.formats.wordings import Style, wording_of
from ecs_training.questions.formats.xml_trees import Node, read_trees

PLUGIN_FILE = "@@PLUGINFILE@@/"
RIGHT = 100.0  # per cent
STYLES = {
    "": Style.HTML,
    "html": Style.HTML,
    "moodle_auto_format": Style.MOODLE,
    "plain_text": Style.PLAIN,
    "markdown": Style.MARKDOWN,
}
TYPES = {
    "essay": "an essay question",
    "truefalse": "a true/false question",
    "shortanswer": "a short-answer question",
    "matching": "a matching question",
    "numerical": "a numerical question",
    "cloze": "a cloze question",
    "description": "a description",
    "calculated": "a calculated question",
}
# What Moodle writes where the author wrote nothing.
USUAL_FEEDBACK = {
    "",
    "Your answer is correct.",
    "Your answer is partially correct.",
    "Your answer is incorrect.",
}
COMBINED_FEEDBACK = (
    "correctfeedback",
    "partiallycorrectfeedback",
    "incorrectfeedback",
)


def read_moodle_xml(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for unsafe or broken XML, and for a root other than `quiz`."""
    return judge(_drafts(data, name), name=name)


def _drafts(data: bytes, name: str) -> Iterator[Draft]:
    topic: str | None = None
    for node in read_trees(data, name=name, depth=1):
        if node.above != ("quiz",):
            why = f"is no Moodle XML: it begins with <{node.above[0][:40]}>, not <quiz>"
            raise FileRefused(why, name=name, line=1)
        if node.name != "question":
            continue
        if node.attributes.get("type") == "category":
            topic = last_part(node.inner_text("category", "text"))
        else:
            yield _draft(node, topic)


def _draft(node: Node, topic: str | None) -> Draft:
    code = node.inner_text("idnumber") or None
    draft = Draft(line=node.line, code=code, topic=topic)
    kind = node.attributes.get("type", "")
    question = node.first("questiontext")
    stem = _wording(question, draft, "the question")
    draft.stem = stem.text
    if kind != "multichoice":
        known = TYPES.get(kind, f"of the type “{collapse(kind)[:40]}”")
        draft.refuse(other_type(known))
        return draft
    if node.inner_text("single").lower() not in {"", "true", "1"}:
        draft.refuse("lets several answers be chosen")
    _read_picture(stem, question, node, draft)
    for answer in node.all("answer"):
        _read_answer(answer, draft)
    _read_feedback(node, draft)
    return draft


def _wording(node: Node | None, draft: Draft, what: str) -> Flat:
    """Return the text of an element that holds `<text>`, keeping what goes wrong with it."""
    if not node:
        return Flat(text="")
    text = node.first("text")
    if text and text.elements():
        draft.refuse(f"{what} holds tags that are neither escaped nor in CDATA")
    style = STYLES.get(node.attributes.get("format", "").strip().lower())
    if style is None:
        draft.refuse(f"{what} is in an unknown format")
    flat = wording_of(text.text() if text else "", style or Style.PLAIN)
    draft.lose(*flat.losses)
    draft.refuse(f"{what} {flat.fault}" if flat.fault else None)
    return flat


def _read_answer(answer: Node, draft: Draft) -> None:
    flat = _wording(answer, draft, "an option")
    if flat.pictures:
        draft.refuse(PictureFault.IN_OPTION)
    share = _share(answer.attributes.get("fraction", ""))
    if share is None:
        draft.refuse("does not say what an option is worth")
    elif 0 < share < RIGHT or share > RIGHT:
        draft.refuse("gives part of the marks for an option")
    elif share < 0:
        draft.lose("penalties for wrong options were left out")
    if answer.inner_text("feedback", "text"):
        draft.lose("feedback to single options was left out")
    draft.add_option(flat.text, correct=share == RIGHT)


def _share(fraction: str) -> float | None:
    try:
        share = float(fraction[:40])
    except ValueError:
        return None
    return share if math.isfinite(share) else None


def _read_feedback(node: Node, draft: Draft) -> None:
    aside = Draft(line=0)
    flat = _wording(node.first("generalfeedback"), aside, "the general feedback")
    if aside.faults or flat.pictures:
        draft.lose("the general feedback was left out: it is no plain text")
    else:
        draft.lose(*aside.losses)
        draft.facts = replace(draft.facts, rationale=flat.text)
    for name in COMBINED_FEEDBACK:
        combined = _wording(node.first(name), Draft(line=0), "")
        if collapse(combined.text) not in USUAL_FEEDBACK:
            draft.lose("feedback to right and wrong answers was left out")
    if any(hint.inner_text("text") for hint in node.all("hint")):
        draft.lose("hints were left out")


def _read_picture(stem: Flat, question: Node | None, node: Node, draft: Draft) -> None:
    if node.inner_text("image"):  # before Moodle 2
        draft.refuse(PictureFault.MISSING)
    if not stem.pictures or not question:
        return
    if len(stem.pictures) > 1:
        draft.refuse(PictureFault.SEVERAL)
        return
    address, alt = stem.pictures[0]
    data = _embedded(address, question)
    if data is None:
        draft.refuse(PictureFault.MISSING)
        return
    draft.refuse(why_not_picture(data))
    picture = picture_named(unquote(address), collapse(alt), data)
    draft.facts = replace(draft.facts, picture=picture)


def _embedded(address: str, question: Node) -> bytes | None:
    """Return the bytes of the file that an address names, if they are there and whole."""
    if not address.startswith(PLUGIN_FILE):
        return None
    wanted = unquote(address.removeprefix(PLUGIN_FILE).partition("?")[0])
    for file in question.all("file"):
        path = file.attributes.get("path", "/").strip("/")
        name = file.attributes.get("name", "")
        whole = f"{path}/{name}" if path else name
        if whole == wanted and file.attributes.get("encoding") == "base64":
            try:
                return base64.b64decode("".join(file.text().split()), validate=True)
            except (binascii.Error, ValueError):
                return None
    return None
