"""One QTI item: a choice among four, or the reason why it is not."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from ecs_training.questions.formats.drafts import Draft, collapse, other_type
from ecs_training.questions.formats.pictures import (
    PictureFault,
    picture_named,
    why_not_picture,
)
from ecs_training.questions.formats.qti_content import flatten_content, read_body
from ecs_training.questions.formats.qti_keys import read_key
from ecs_training.questions.formats.qti_names import (
    attribute,
    child,
    children,
    kind_of,
)
from ecs_training.questions.formats.xml_trees import Node
from ecs_training.questions.rules.entries import SLUG

XINCLUDE = "http://www.w3.org/2001/XInclude"
RATIONALE = "RATIONALE"  # our outcome variable, which always shows our feedback
REFUSED_PARTS = {
    "templateDeclaration": "is a template that makes items",
    "templateProcessing": "is a template that makes items",
    "assessmentStimulusRef": "needs a text that lies in another file",
    "companionMaterialsInfo": "needs other materials, like a calculator",
}
LOST_PARTS = {
    "stylesheet": "a style sheet was left out",
    "catalogInfo": "aids for people who cannot read it were left out",
    "apipAccessibility": "aids for people who cannot read it were left out",
}
# Of a picture, by its address in the item.
Finder = Callable[[str], bytes | PictureFault]


def read_item(root: Node, draft: Draft, *, find_picture: Finder) -> None:
    """Fill a draft from an `assessmentItem` of any version."""
    draft.code = attribute(root, "identifier").removeprefix("_")
    label = attribute(root, "label")
    draft.topic = label if SLUG.fullmatch(label) else None
    _look_at_parts(root, draft)
    body = child(root, "itemBody")
    if not body:
        draft.refuse("has no body")
        return
    interaction = _only_interaction(body, draft)
    if not interaction:
        draft.stem = flatten_content(body).text
        return
    _read_stem(body, interaction, draft, find_picture)
    _read_options(root, interaction, draft)


def _look_at_parts(root: Node, draft: Draft) -> None:
    if attribute(root, "adaptive") == "true":
        draft.refuse("is adaptive: it changes with each answer")
    if any(each.namespace == XINCLUDE for each in root.walk()):
        draft.refuse("holds a part that lies in another file")
    for part in root.elements():
        kind = kind_of(part)
        draft.refuse(REFUSED_PARTS.get(kind))
        if kind in LOST_PARTS:
            draft.lose(LOST_PARTS[kind])
        if kind == "modalFeedback":
            _read_feedback(part, draft)


def _read_feedback(part: Node, draft: Draft) -> None:
    if attribute(part, "outcomeIdentifier") != RATIONALE:
        draft.lose("feedback was left out")
        return
    flat = flatten_content(part)
    if flat.fault or flat.pictures:
        draft.lose("feedback was left out")
    else:
        draft.lose(*flat.losses)
        draft.facts = replace(draft.facts, rationale=flat.text)


def _only_interaction(body: Node, draft: Draft) -> Node | None:
    found = [each for each in body.walk() if kind_of(each).endswith("Interaction")]
    kinds = {kind_of(each) for each in found}
    if not found:
        draft.refuse(other_type("a text without anything to choose"))
    elif len(found) > 1:
        draft.refuse(other_type("an item that asks for several answers at once"))
    elif kinds != {"choiceInteraction"}:
        draft.refuse(other_type(f"of the type “{collapse(min(kinds))[:40]}”"))
    else:
        return found[0]
    return None


def _read_stem(
    body: Node, interaction: Node, draft: Draft, find_picture: Finder
) -> None:
    above, prompt, below = read_body(body, interaction).flats()
    draft.stem = " ".join((above.text, prompt.text, below.text))
    if below.text.strip():
        draft.lose("the text below the options now stands above them")
    for flat in (above, prompt, below):
        draft.refuse(f"the question {flat.fault}" if flat.fault else None)
        draft.lose(*flat.losses)
    pictures = [*above.pictures, *prompt.pictures, *below.pictures]
    if len(pictures) > 1:
        draft.refuse(PictureFault.SEVERAL)
    elif pictures:
        _read_picture(*pictures[0], draft=draft, find_picture=find_picture)


def _read_picture(
    address: str, alt: str, *, draft: Draft, find_picture: Finder
) -> None:
    data = find_picture(address)
    if isinstance(data, PictureFault):
        draft.refuse(data)
        return
    draft.refuse(why_not_picture(data))
    picture = picture_named(unquote(address), collapse(alt), data)
    draft.facts = replace(draft.facts, picture=picture)


def _read_options(root: Node, interaction: Node, draft: Draft) -> None:
    declarations = children(root, "responseDeclaration")
    wanted = attribute(interaction, "responseIdentifier")
    own = [each for each in declarations if attribute(each, "identifier") == wanted]
    if len(declarations) > 1:
        draft.refuse("asks for several responses")
    choices = children(interaction, "simpleChoice")
    names = [attribute(each, "identifier") for each in choices]
    if len(set(names)) < len(names):
        draft.refuse("has two options with the same identifier")
    declaration = own[0] if own else None
    key = read_key(declaration, child(root, "responseProcessing"), names)
    draft.refuse(key.fault)
    draft.lose(*([key.loss] if key.loss else []))
    for choice, name in zip(choices, names, strict=True):
        _read_option(choice, draft, correct=name == key.right)


def _read_option(choice: Node, draft: Draft, *, correct: bool) -> None:
    flat = flatten_content(choice)
    draft.refuse(f"an option {flat.fault}" if flat.fault else None)
    draft.lose(*flat.losses)
    if flat.pictures:
        draft.refuse(PictureFault.IN_OPTION)
    if (
        attribute(choice, "templateIdentifier")
        or attribute(choice, "showHide") == "hide"
    ):
        draft.refuse("an option is shown only at times")
    if attribute(choice, "fixed") == "true":
        draft.lose("the fixed place of an option was left out")
    draft.add_option(flat.text, correct=correct)
