"""Single items of QTI 2.1, 2.2 and 3.0 as the public specification has them."""

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict
from tests.questions.formats.reading import (
    CHOICES,
    CORRECT,
    MATCH,
    TEXTS,
    V2P1,
    V2P2,
    V3P0,
    is_refused,
    item_of_qti,
    only,
    qti,
    read_text,
    right,
    texts,
)

MAP = '<responseProcessing template="http://x/rptemplates/map_response.xml"/>'
THREE = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- hormones -->
<qti-assessment-item
  xmlns="{V3P0}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="  nonsense of  another version {V2P1} "
  identifier="hormones" title="t" adaptive="false" time-dependent="false">
  <qti-response-declaration base-type="identifier" cardinality="single" identifier="R">
    <qti-correct-response><qti-value>B</qti-value></qti-correct-response>
  </qti-response-declaration>
  <qti-outcome-declaration base-type="float" cardinality="single" identifier="SCORE">
    <qti-default-value><qti-value>1</qti-value></qti-default-value>
  </qti-outcome-declaration>
  <qti-item-body>
    <p>Look at the board.</p>
    <qti-choice-interaction max-choices="1" min-choices="1" response-identifier="R">
      <qti-prompt>Which step comes
        first?</qti-prompt>
      <qti-simple-choice identifier="A">Test it</qti-simple-choice>
      <qti-simple-choice identifier="B"><p>Lock</p> <p>it</p></qti-simple-choice>
      <qti-simple-choice identifier="C">Sign it &amp; go</qti-simple-choice>
      <qti-simple-choice identifier="D">Leave it</qti-simple-choice>
    </qti-choice-interaction>
  </qti-item-body>
  <qti-response-processing template="https://purl.imsglobal.org/x/match_correct"/>
</qti-assessment-item>
"""


def test_version_three_is_read_by_its_namespace() -> None:
    item = only(Format.QTI, THREE)
    assert item.stem == "Look at the board. Which step comes first?"
    assert texts(item) == ["Test it", "Lock it", "Sign it & go", "Leave it"]
    assert right(item) == ["Lock it"]
    assert (item.verdict, item.reason, item.line) == (Verdict.IMPORTED, "", 3)
    assert (item.code, item.topic) == ("hormones", None)


@pytest.mark.parametrize("space", [V2P1, V2P2])
def test_versions_two_are_read(space: str) -> None:
    item = qti(space=space)
    assert (item.stem, texts(item), right(item)) == (
        "What comes first?",
        TEXTS,
        ["Lock it"],
    )
    assert (item.verdict, item.line) == (Verdict.IMPORTED, 2)


@pytest.mark.parametrize(
    ("parts", "because"),
    [
        ({"attributes": 'identifier="x" adaptive="true"'}, "is adaptive"),
        ({"before": '<templateDeclaration identifier="t"/>'}, "is a template"),
        ({"after": "<templateProcessing/>"}, "is a template"),
        ({"cardinality": "multiple"}, "lets several answers be chosen"),
        ({"cardinality": "ordered"}, "lets several answers be chosen"),
        ({"declared": ""}, "states no right answer"),
        (
            {"declared": "<correctResponse/>", "processing": "<responseProcessing/>"},
            "states no right answer",
        ),
        (
            {"declared": CORRECT.replace("</value>", "</value><value>B</value>")},
            "states 2 right answers",
        ),
        ({"declared": CORRECT.replace("A", "Z")}, "names an option as right that"),
        ({"choices": CHOICES + CHOICES}, "two options with the same identifier"),
        ({"above": "<extendedTextInteraction/>"}, "asks for several answers at once"),
        ({"below": "<p><endAttemptInteraction/></p>"}, "several answers at once"),
        (
            {"before": '<responseDeclaration identifier="S"/>'},
            "asks for several responses",
        ),
        ({"limits": 'maxChoices="1" x=""'}, ""),
        ({"above": "<table><tr><td>1</td></tr></table>"}, "holds a table"),
        ({"prompt": "<prompt>x<sup>n+m</sup></prompt>"}, "something else than digits"),
        (
            {"above": '<math xmlns="http://www.w3.org/1998/Math/MathML"/>'},
            "holds a formula",
        ),
        ({"above": '<p>a<printedVariable identifier="x"/></p>'}, "worked out anew"),
        (
            {"above": '<rubricBlock view="candidate"><p>x</p></rubricBlock>'},
            "holds instructions apart",
        ),
        (
            {"above": '<feedbackBlock showHide="hide"><p>x</p></feedbackBlock>'},
            "disappears after an answer",
        ),
        (
            {
                "above": '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="y"/>'
            },
            "lies in another file",
        ),
        ({"above": '<p><z:i xmlns:z="z">x</z:i></p>'}, "of another language than HTML"),
        ({"above": '<p><img src="x.png" alt="x"/></p>'}, "not in the file"),
        (
            {"choices": CHOICES.replace("Leave it", '<img src="x" alt="x"/>')},
            "an option shows a picture",
        ),
        (
            {"choices": CHOICES.replace('fier="D"', 'fier="D" showHide="hide"')},
            "an option is shown only at times",
        ),
        ({"choices": CHOICES.replace('identifier="D"', "")}, ""),
    ],
)
def test_what_is_no_plain_choice_of_one_among_four_is_refused(
    parts: dict[str, str], because: str
) -> None:
    item = qti(**parts)
    if because:
        assert is_refused(item, because=because)
    else:
        assert item.verdict is Verdict.IMPORTED


@pytest.mark.parametrize(
    ("parts", "loss"),
    [
        ({"choices": CHOICES.replace('fier="D"', 'fier="D" fixed="true"')}, "fixed"),
        ({"before": '<stylesheet href="x.css"/>'}, "a style sheet"),
        ({"after": "<catalogInfo/>"}, "aids for people"),
        (
            {"after": '<modalFeedback outcomeIdentifier="F">x</modalFeedback>'},
            "feedback was left out",
        ),
        (
            {
                "choices": CHOICES.replace(
                    "Leave it",
                    'Leave it<feedbackInline outcomeIdentifier="F">no</feedbackInline>',
                )
            },
            "feedback was left out",
        ),
        ({"prompt": "<prompt>What <b>comes</b> first?</prompt>"}, "emphasis"),
        ({"below": "<p>Choose one.</p>"}, "now stands above them"),
    ],
)
def test_what_is_left_out_is_named(parts: dict[str, str], loss: str) -> None:
    item = qti(**parts)
    assert item.verdict is Verdict.CHANGED
    assert loss in item.reason
    assert "no" not in texts(item)[3]


@pytest.mark.parametrize("limits", ["", 'maxChoices="0"', 'maxChoices="3"'])
def test_the_cardinality_decides_not_the_number_of_choices(limits: str) -> None:
    assert qti(limits=limits).verdict is Verdict.IMPORTED
    assert qti(limits='maxChoices="1"', cardinality="multiple").verdict == "refused"


def mapped(*entries: tuple[str, str], rest: str = "0", correct: str = "") -> str:
    inside = "".join(
        f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in entries
    )
    return f'{correct}<mapping defaultValue="{rest}">{inside}</mapping>'


@pytest.mark.parametrize(
    ("declared", "verdict", "said"),
    [
        (mapped(("A", "1")), Verdict.IMPORTED, ""),
        (mapped(("A", "2.5"), ("B", "0")), Verdict.IMPORTED, ""),
        (mapped(("A", "1"), correct=CORRECT), Verdict.IMPORTED, ""),
        (mapped(("A", "1"), ("B", "-1")), Verdict.CHANGED, "penalties"),
        (mapped(("A", "1"), rest="-0.5"), Verdict.CHANGED, "penalties"),
        (mapped(("A", "1"), ("B", "0.5")), Verdict.REFUSED, "part of the marks"),
        (mapped(("A", "1"), rest="0.5"), Verdict.REFUSED, "part of the marks"),
        (mapped(("A", "0")), Verdict.REFUSED, "or none for any"),
        (mapped(("B", "1"), correct=CORRECT), Verdict.REFUSED, "marks for another"),
        (mapped(("A", "x")), Verdict.REFUSED, "no numbers"),
        (mapped(("A", "nan")), Verdict.REFUSED, "no numbers"),
        (CORRECT, Verdict.REFUSED, "nothing of the marks"),
    ],
)
def test_a_mapping_counts_where_the_scoring_uses_it(
    declared: str, verdict: Verdict, said: str
) -> None:
    item = qti(declared=declared, processing=MAP)
    assert item.verdict is verdict
    assert said in item.reason
    assert right(item) == (["Lock it"] if verdict != "refused" else [])


def test_a_mapping_is_nothing_to_match_correct() -> None:
    declared = mapped(("A", "1"), ("B", "0.5"), correct=CORRECT)
    assert qti(declared=declared, processing=MATCH).verdict is Verdict.IMPORTED
    assert qti(declared=declared, processing="").verdict is Verdict.IMPORTED


PLAIN = (
    "<responseProcessing><responseCondition><responseIf><match><variable"
    ' identifier="R"/><correct identifier="R"/></match><setOutcomeValue'
    ' identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    "</responseIf></responseCondition></responseProcessing>"
)

ELSE = (
    '<responseElse><setOutcomeValue identifier="SCORE"><baseValue>%s</baseValue>'
    "</setOutcomeValue></responseElse></responseCondition>"
)


@pytest.mark.parametrize(
    ("processing", "verdict"),
    [
        ("", Verdict.IMPORTED),
        ("<responseProcessing/>", Verdict.IMPORTED),
        (PLAIN, Verdict.IMPORTED),
        (
            PLAIN.replace('<baseValue baseType="float">1</baseValue>', "").replace(
                '"SCORE">', '"SCORE"><variable identifier="MAXSCORE"/>'
            ),
            Verdict.IMPORTED,
        ),
        (PLAIN.replace("</responseCondition>", ELSE % 0), Verdict.IMPORTED),
        (PLAIN.replace("</responseCondition>", ELSE % 0.5), Verdict.CHANGED),
        (
            PLAIN.replace("</responseCondition>", ELSE % 0).replace("Else>", "ElseIf>"),
            Verdict.CHANGED,
        ),
        (PLAIN.replace("responseCondition>", "responseProcessingFragment>"), "changed"),
        ("<responseProcessing><lookupOutcomeValue/></responseProcessing>", "changed"),
        (PLAIN.replace(">1<", ">0<"), Verdict.CHANGED),
        (PLAIN.replace('"SCORE"', '"OTHER"'), Verdict.CHANGED),
        (PLAIN.replace("correct", "default"), Verdict.CHANGED),
        (PLAIN.replace('correct identifier="R"', 'correct identifier="S"'), "changed"),
        ("<responseProcessing><exitResponse/></responseProcessing>", Verdict.CHANGED),
        ('<responseProcessing template="http://x/own.xml"/>', Verdict.CHANGED),
    ],
)
def test_scoring_rules_of_its_own_leave_the_stated_answer(
    processing: str, verdict: Verdict
) -> None:
    item = qti(processing=processing)
    assert item.verdict == verdict
    assert right(item) == ["Lock it"]
    assert ("scoring rules were left out" in item.reason) is (verdict == "changed")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("<questestinterop/>", "it begins with <questestinterop>"),
        (f'<assessmentTest xmlns="{V2P1}"/>', "it begins with <assessmentTest>"),
        ("<assessmentItem/>", "is no item of QTI 2.1, 2.2 or 3.0"),
        (item_of_qti(space="http://x/imsqti_v9p9"), "is no item of QTI"),
        ("<assessmentItem", "line 1: is no well-formed XML"),
    ],
)
def test_other_files_are_refused(text: str, because: str) -> None:
    with pytest.raises(FileRefused, match=because):
        read_text(Format.QTI, text)


@pytest.mark.parametrize(
    "body", ["", "<itemBody/>", "<itemBody><p>Only text</p></itemBody>"]
)
def test_an_item_without_a_choice_is_refused(body: str) -> None:
    text = f'<assessmentItem xmlns="{V2P1}" identifier="x">{body}</assessmentItem>'
    item = only(Format.QTI, text)
    assert item.verdict is Verdict.REFUSED
    assert item.stem == ("Only text" if "text" in body else "")


def test_other_interactions_are_named() -> None:
    text = item_of_qti().replace("choiceInteraction", "orderInteraction")
    item = only(Format.QTI, text)
    assert is_refused(item, because="is of the type “orderInteraction”")
