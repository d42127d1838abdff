"""From the content of a QTI item to plain text."""

from dataclasses import dataclass, field

from ecs_training.questions.formats.markup import Flat, Flattener
from ecs_training.questions.formats.qti_names import attribute, child, kind_of, knows
from ecs_training.questions.formats.xml_trees import Node

XHTML = "http://www.w3.org/1999/xhtml"
REFUSED = {
    "printedVariable": "a value that is worked out anew each time",
    "templateInline": "a value that is worked out anew each time",
    "templateBlock": "a value that is worked out anew each time",
    "infoControl": "a hint that can be opened",
    "include": "a part that lies in another file",
}
TRANSPARENT = {"prompt": "p", "contentBody": "div", "itemBody": "div"}


def flatten_content(node: Node) -> Flat:
    """Return the plain text of an option, a prompt or a feedback."""
    flattener = Flattener()
    _feed(node, flattener)
    return flattener.flat()


def _feed(node: Node, flattener: Flattener) -> None:
    for each in node.children:
        if isinstance(each, str):
            flattener.text(each)
        else:
            _feed_element(each, flattener)


def _feed_element(node: Node, flattener: Flattener) -> None:
    kind = kind_of(node)
    if kind in {"feedbackInline", "feedbackBlock"}:
        _pass_feedback(node, flattener)
    elif kind == "rubricBlock":
        _pass_rubric(node, flattener)
    elif kind in REFUSED:
        flattener.refuse(f"holds {REFUSED[kind]}")
    elif kind == "object" and attribute(node, "type").startswith("image/"):
        source = {"src": attribute(node, "data"), "alt": flatten_content(node).text}
        flattener.start("img", source)
    elif kind not in {"math", "svg"} and not _is_ours(node.namespace):
        flattener.refuse(f"holds the tag <{kind[:20]}> of another language than HTML")
    else:
        tag = TRANSPARENT.get(kind, kind).lower()
        flattener.start(tag, node.attributes)
        _feed(node, flattener)
        flattener.end(tag)


def _is_ours(namespace: str) -> bool:
    return namespace == XHTML or knows(namespace)


def _pass_feedback(node: Node, flattener: Flattener) -> None:
    if attribute(node, "showHide") == "hide":
        flattener.refuse("holds text that disappears after an answer")
    flattener.lose("feedback was left out")


def _pass_rubric(node: Node, flattener: Flattener) -> None:
    views = attribute(node, "view").split()
    if not views or "candidate" in views:
        flattener.refuse("holds instructions apart from the question")


@dataclass(kw_only=True)
class Body:
    """The text of an item's body, in three parts, with what went wrong in any of them."""

    above: Flattener = field(default_factory=Flattener)
    below: Flattener = field(default_factory=Flattener)
    prompt: Flat = field(default_factory=lambda: Flat(text=""))
    met: bool = False  # the interaction, while going through

    def flats(self) -> tuple[Flat, Flat, Flat]:
        return self.above.flat(), self.prompt, self.below.flat()


def read_body(body: Node, interaction: Node) -> Body:
    """Part the text of a body at the one interaction that it holds."""
    read = Body()
    _split(body, interaction, read)
    return read


def _split(node: Node, interaction: Node, read: Body) -> None:
    for each in node.children:
        flattener = read.below if read.met else read.above
        if isinstance(each, str):
            flattener.text(each)
        elif each is interaction:
            read.met = True
            prompt = child(interaction, "prompt")
            read.prompt = flatten_content(prompt) if prompt else read.prompt
        elif any(inner is interaction for inner in each.walk()):
            # Around the interaction: only what a tag says of its whole content matters.
            flattener.start(TRANSPARENT.get(kind_of(each), each.name), each.attributes)
            _split(each, interaction, read)
        else:
            _feed_element(each, flattener)
