"""What stands between the braces of a GIFT item."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ecs_training.questions.formats.drafts import other_type
from ecs_training.questions.formats.gift_tokens import (
    Token,
    joined,
    position,
    split_style,
)
from ecs_training.questions.formats.wordings import Style, wording_of

WEIGHT = re.compile(r"\s*+%\s*+(-?\d{1,9}(?:\.\d{0,9})?)\s*+%")
TRUTH = {"T", "TRUE", "F", "FALSE"}
MOST_OPTIONS = 10  # that are looked at
ALL = 100.0  # per cent: fully right
NO_PICTURE = "shows a picture, which this format cannot hold"


@dataclass(kw_only=True)
class Answers:
    options: list[tuple[str, bool]] = field(default_factory=list)
    rationale: str = ""
    faults: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def read_answers(tokens: Sequence[Token], style: Style) -> Answers:
    """Take options and general feedback out of the braces, or say what else stands there."""
    answers = Answers()
    tokens, feedback = _split_general_feedback(tokens)
    kind = _other_kind(tokens)
    if kind:
        answers.faults.append(other_type(kind))
        return answers
    if position(tokens, "=") is None:
        answers.faults.append("lets several answers be chosen: none is marked by =")
    parts = _parts(tokens)
    if len(parts) > MOST_OPTIONS:
        answers.faults.append(f"has more than {MOST_OPTIONS} options")
    for sign, part in parts[:MOST_OPTIONS]:
        _read_answer(sign, part, style, answers)
    _read_rationale(feedback, style, answers)
    return answers


def _split_general_feedback(tokens: Sequence[Token]) -> tuple[Sequence[Token], str]:
    hashes = [Token("#", sign=True)] * 4
    for at in range(len(tokens) - 3):
        if list(tokens[at : at + 4]) == hashes:
            return tokens[:at], joined(tokens[at + 4 :])
    return tokens, ""


def _other_kind(tokens: Sequence[Token]) -> str | None:
    """Name the type of an item that is no multiple choice."""
    text = joined(tokens).strip()
    if not text:
        return "an essay question"
    if text.startswith("#"):
        return "a numerical question"
    if position(tokens, "~") is not None:
        return None
    if position(tokens, "=") is not None:
        return "a matching question" if "->" in text else "a short-answer question"
    if joined(tokens[: position(tokens, "#")]).strip().upper() in TRUTH:
        return "a true/false question"
    return "a question whose answers begin with neither = nor ~"


def _parts(tokens: Sequence[Token]) -> list[tuple[str, list[Token]]]:
    parts: list[tuple[str, list[Token]]] = [("", [])]
    for token in tokens:
        if token.sign and token.text in "~=":
            parts.append((token.text, []))
        else:
            parts[-1][1].append(token)
    return parts if joined(parts[0][1]).strip() else parts[1:]


def _read_answer(
    sign: str, tokens: list[Token], style: Style, answers: Answers
) -> None:
    if not sign:
        answers.faults.append("has text before its first answer")
        return
    comment = position(tokens, "#")
    text = joined(tokens[:comment])
    if comment is not None and joined(tokens[comment + 1 :]).strip():
        answers.losses.append("feedback to single options was left out")
    weight = WEIGHT.match(text)
    if weight:
        text = text[weight.end() :]
    share = float(weight[1]) if weight else ALL if sign == "=" else 0.0
    _weigh(share, sign, answers)
    style, text = split_style(text, style)
    flat = wording_of(text, style)
    _keep(flat.fault, flat.losses, answers)
    if flat.pictures:
        answers.faults.append(NO_PICTURE)
    answers.options.append((flat.text, share == ALL))


def _weigh(share: float, sign: str, answers: Answers) -> None:
    if 0 < share < ALL or share > ALL or (sign == "=" and share != ALL):
        answers.faults.append("gives part of the marks for an option")
    elif share < 0:
        answers.losses.append("penalties for wrong options were left out")


def _keep(fault: str | None, losses: tuple[str, ...], answers: Answers) -> None:
    answers.losses += losses
    if fault:
        answers.faults.append(f"an option {fault}")


def _read_rationale(text: str, style: Style, answers: Answers) -> None:
    style, text = split_style(text, style)
    flat = wording_of(text, style)
    if flat.fault or flat.pictures:
        answers.losses.append("the general feedback was left out: it is no plain text")
        return
    answers.losses += flat.losses
    answers.rationale = flat.text
