"""Good files of each format, for tests that damage them."""

from collections.abc import Mapping

from ecs_training.questions.formats import Format
from tests.questions.formats.packing import HEADER, TITLES, packed, row, sheet
from tests.questions.formats.reading import (
    CORRECT,
    FOUR,
    PNG,
    item_of_qti,
    question,
    quiz,
)

GIFT = f"""\
// question: 17  name: alarm  [id:fire-017] [tag:old]
$CATEGORY: $course$/top/Fire and//or smoke

::The alarm::[html]<p>The alarm rings.</p><p>What is <b>first</b> in m<sup>2</sup>?</p> {{
\t=Go out # Right.
\t~%-50%Go up
\t~Wait \\= stay &amp; see
\t~Call 999\\: then wait\\n
\t####Out first.
}}

[markdown]What *comes* in {{=here ~there ~nowhere ~everywhere}}, then?

What? {FOUR}

Is it? {{T}}

How many? {{#3:1}}

Match {{=a -> b =c -> d =e -> f}}

Say why {{}}
"""
AIKEN = """\
What comes first?
A. Lock it
B) Test it
C. Sign it
D.\tLeave it
ANSWER: C

What is last?
A. Lock it
B. Test it
C. Sign it
D. Leave it
ANSWER: D
"""
CSV = '''\
No.;Question;Option A;Option B;Option C;Option D;Correct Answer;Topic;Points
1;"What; is
it?";Lock it;"Test ""it""";Sign it;Leave it;c;fire;1
2;Then?;a;b;c;d;b;;
'''
MOODLE = quiz(
    '<question type="category"><category><text>$course$/top/Fire</text></category></question>',
    question("<p>What <b>comes</b>&nbsp;first?</p>", more="<single>true</single>"),
    question(
        "One<br>two", style="moodle_auto_format", more="<hint><text>x</text></hint>"
    ),
    question(
        '<img src="@@PLUGINFILE@@/a.png" alt="x">What?',
        inside='<file name="a.png" path="/" encoding="base64">iVBORw0KGgo=</file>',
    ),
    question("2 * 3 *is*", style="markdown"),
    question().replace("multichoice", "essay"),
)
MAPPED = (
    CORRECT
    + '<mapping defaultValue="0"><mapEntry mapKey="A" mappedValue="1"/>'
    + '<mapEntry mapKey="B" mappedValue="-1"/></mapping>'
)
QTI = item_of_qti(
    above="<p>Look at m<sup>2</sup>.</p>",
    declared=MAPPED,
    processing='<responseProcessing template="x/map_response"/>',
    after='<modalFeedback outcomeIdentifier="F" identifier="a">no</modalFeedback>',
)
MANIFEST = (
    "<manifest><resources>"
    '<resource type="imsqti_item_xmlv2p1" href="items/a.xml"/>'
    '<resource type="imsqti_item_xmlv2p1" href="items/b.xml"/></resources></manifest>'
)
PACKAGE = packed(
    {
        "imsmanifest.xml": MANIFEST.encode(),
        "items/a.xml": QTI.encode(),
        "items/b.xml": item_of_qti(above='<img src="../i/x.png" alt="x"/>').encode(),
        "i/x.png": PNG,
    }
)
SHARED = b"<sst><si><t>What?</t></si><si><r><rPr><b/></rPr><t>a</t></r><r><t>b</t></r></si></sst>"
STYLES = (
    b'<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0%"/></numFmts><cellXfs>'
    b'<xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)
CELLS = (
    b'<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2"><v>5'
    b'</v></c><c r="D2" s="2"><v>40000</v></c><c r="E2" t="b"><v>1</v></c><c r="F2" t="str">'
    b"<f>1+1</f><v>a</v></c></row>"
)
FILES: Mapping[Format, tuple[bytes, ...]] = {
    Format.GIFT: (GIFT.encode(), GIFT.replace("\n", "\r\n").encode()),
    Format.AIKEN: (AIKEN.encode(),),
    Format.CSV: (CSV.encode(), HEADER + b"What?,a,b,c,d,a\n", CSV.encode("utf-16")),
    Format.MOODLE_XML: (MOODLE.encode(),),
    Format.QTI: (QTI.encode(), item_of_qti().encode(), PACKAGE),
    Format.XLSX: (
        sheet(TITLES + CELLS + row(3, *"qabcda"), t=SHARED, u=STYLES),
        sheet(TITLES + row(2, *"qabcda")),
    ),
}
