"""Reading small files, and what comes of them, in the fewest words."""

from ecs_training.questions.formats import Format, FoundItem, Verdict, read
from tests.questions.formats.packing import packed

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4"/></svg>'
FOUR = "{=Lock it ~Test it ~Sign it ~Leave it}"
TEXTS = ["Lock it", "Test it", "Sign it", "Leave it"]


def read_text(form: Format, text: str) -> list[FoundItem]:
    return read(text.encode(), format=form, name="file")


def only(form: Format, text: str) -> FoundItem:
    """Return the one item of a file."""
    (item,) = read_text(form, text)
    return item


def texts(item: FoundItem) -> list[str]:
    return [option.text for option in item.options]


def right(item: FoundItem) -> list[str]:
    return [option.text for option in item.options if option.correct]


def is_refused(item: FoundItem, *, because: str) -> bool:
    return item.verdict is Verdict.REFUSED and because in item.reason


def quiz(*questions: str) -> str:
    return "\n".join(('<?xml version="1.0"?>', "<quiz>", *questions, "</quiz>"))


def answer(text: str, fraction: str = "0", more: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{more}</answer>'


def question(
    stem: str = "What comes first?",
    *,
    style: str = "html",
    more: str = "",
    inside: str = "",
    answers: str | None = None,
) -> str:
    """Return one multiple-choice question of Moodle XML, on one line."""
    usual = answer("Lock it", "100") + "".join(answer(text) for text in TEXTS[1:])
    return (
        f'<question type="multichoice"><name><text>n</text></name><questiontext'
        f' format="{style}"><text><![CDATA[{stem}]]></text>{inside}</questiontext>'
        f"{usual if answers is None else answers}{more}</question>"
    )


def moodle(*arguments: str, **named: str) -> FoundItem:
    return only(Format.MOODLE_XML, quiz(question(*arguments, **named)))


V2P1 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
V2P2 = "http://www.imsglobal.org/xsd/imsqti_v2p2"
V3P0 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MATCH = '<responseProcessing template="http://x/rptemplates/match_correct"/>'
CORRECT = "<correctResponse><value>A</value></correctResponse>"
CHOICES = "".join(
    f'<simpleChoice identifier="{name}">{text}</simpleChoice>'
    for name, text in zip("ABCD", TEXTS, strict=True)
)


def item_of_qti(
    *,
    space: str = V2P1,
    attributes: str = 'identifier="q-1"',
    cardinality: str = "single",
    declared: str = CORRECT,
    before: str = "",
    above: str = "",
    prompt: str = "<prompt>What comes first?</prompt>",
    choices: str = CHOICES,
    below: str = "",
    processing: str = MATCH,
    after: str = "",
    limits: str = 'maxChoices="1"',
) -> str:
    """Return one item of QTI 2.x, on two lines: the item starts on the second."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<assessmentItem xmlns="{space}" {attributes}>{before}'
        f'<responseDeclaration identifier="R" cardinality="{cardinality}"'
        f' baseType="identifier">{declared}</responseDeclaration><itemBody>{above}'
        f'<choiceInteraction responseIdentifier="R" {limits}>{prompt}{choices}'
        f"</choiceInteraction>{below}</itemBody>{processing}{after}</assessmentItem>"
    )


def qti(**parts: str) -> FoundItem:
    return only(Format.QTI, item_of_qti(**parts))


def package(members: dict[str, str | bytes]) -> list[FoundItem]:
    data = {
        name: content if isinstance(content, bytes) else content.encode()
        for name, content in members.items()
    }
    return read(packed(data), format=Format.QTI, name="file.zip")
