"""Moodle XML: code, topic, rationale and picture all have their place."""

import base64
from collections.abc import Iterable
from urllib.parse import quote

from ecs_training.questions.formats.carrying import Reasons, in_quotes, in_xml, parted
from ecs_training.questions.formats.found import ExportItem, FoundOption, Written
from ecs_training.questions.formats.pictures import why_not_carry

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'


def write_moodle_xml(items: Iterable[ExportItem]) -> Written:
    """Leave out an item whose picture no reader would take."""
    kept, left_out = parted(items, _why_not)
    parts = [HEAD]
    topic = ""
    for item in kept:
        if item.topic != topic:
            topic = item.topic
            parts.append(_category(topic))
        parts.append(_question(item))
    parts.append("</quiz>\n")
    return Written(data="".join(parts).encode(), left_out=left_out)


def _why_not(item: ExportItem) -> Reasons:
    fault = why_not_carry(item.picture)
    if fault:
        yield fault


def _category(topic: str) -> str:
    path = in_xml(f"$course$/top/{topic}")
    return (
        '  <question type="category">\n'
        f"    <category><text>{path}</text></category>\n"
        "  </question>\n"
    )


def _question(item: ExportItem) -> str:
    answers = "".join(_answer(option) for option in item.options)
    return (
        '  <question type="multichoice">\n'
        f"    <name><text>{in_xml(item.code)}</text></name>\n"
        f"{_question_text(item)}"
        '    <generalfeedback format="plain_text">'
        f"<text>{in_xml(item.rationale)}</text></generalfeedback>\n"
        "    <defaultgrade>1.0000000</defaultgrade>\n"
        "    <penalty>0.0000000</penalty>\n"
        "    <hidden>0</hidden>\n"
        f"    <idnumber>{in_xml(item.code)}</idnumber>\n"
        "    <single>true</single>\n"
        "    <shuffleanswers>true</shuffleanswers>\n"
        "    <answernumbering>abc</answernumbering>\n"
        f"{answers}"
        "  </question>\n"
    )


def _question_text(item: ExportItem) -> str:
    if not item.picture:
        # As plain text, so that Moodle's filters see neither formulas nor links in it.
        text = in_xml(item.stem)
        return f'    <questiontext format="plain_text"><text>{text}</text></questiontext>\n'
    name = item.picture.name
    address = in_quotes(f"@@PLUGINFILE@@/{quote(name)}")
    shown = (
        f"<p>{in_xml(item.stem)}</p>"
        f"<p><img src={address} alt={in_quotes(item.picture.alt)} /></p>"
    )
    data = base64.b64encode(item.picture.data).decode()
    return (
        '    <questiontext format="html">\n'
        f"      <text>{in_xml(shown)}</text>\n"
        f'      <file name={in_quotes(name)} path="/" encoding="base64">{data}</file>\n'
        "    </questiontext>\n"
    )


def _answer(option: FoundOption) -> str:
    fraction = "100" if option.correct else "0"
    return (
        f'    <answer fraction="{fraction}" format="plain_text">'
        f"<text>{in_xml(option.text)}</text>"
        '<feedback format="plain_text"><text></text></feedback></answer>\n'
    )
