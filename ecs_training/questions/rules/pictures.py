"""What a picture may hold: plain SVG that draws, and does nothing else.

An SVG is a document that could run scripts and fetch addresses. Ours are let in by a list
of what draws; whatever is not on it is refused, known to be harmful or not.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

LARGEST = 32 * 1024  # bytes
DEEPEST = 50  # elements inside each other
SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# Neither `use` nor `pattern`: a few lines of them, each repeating the last, draw for hours.
_ELEMENTS = (
    "svg g defs title desc path rect circle ellipse line polyline polygon text tspan"
    " clipPath linearGradient radialGradient stop"
)
ELEMENTS = frozenset(_ELEMENTS.split())
_ATTRIBUTES = (
    "id class viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points"
    " transform version role aria-label aria-hidden aria-labelledby focusable"
    " preserveAspectRatio pathLength"
    " fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap"
    " stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset"
    " opacity color display visibility overflow paint-order vector-effect shape-rendering"
    " font-family font-size font-weight font-style font-variant letter-spacing"
    " word-spacing text-anchor text-decoration dominant-baseline alignment-baseline"
    " baseline-shift textLength lengthAdjust dx dy rotate clip-path clip-rule"
    " clipPathUnits gradientUnits gradientTransform spreadMethod offset stop-color"
    " stop-opacity"
)
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"
VIEW_BOX = re.compile(rf"\s*{NUMBER}(?:(?:\s+|\s*,\s*){NUMBER}){{3}}\s*")
INNER = re.compile(r"#[\w.-]+")
# A backslash could spell "url" so that no search finds it.
ADDRESS = re.compile(
    r"url\s*\((?!\s*['\"]?\s*#)|javascript:|data:|https?:|[\\@]", re.IGNORECASE
)
DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
INSTRUCTION = re.compile(rb"<\?(?!xml\s)")
OTHER_ENCODING = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])",
    re.IGNORECASE,
)


def why_not_picture(data: bytes) -> str | None:
    """Say why these bytes are not a picture we show, or None if they are.

    Refused: more than 32 kB; text that is not UTF-8; a DOCTYPE, entities or processing
    instructions; XML that cannot be read; a root that is not an SVG with a viewBox;
    scripts, styles, event handlers, foreign content, and every reference out of the file.
    """
    if why := _why_not_text(data):
        return why
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return "is not XML that can be read"
    if root.tag != f"{SVG}svg":
        return "is not an SVG picture"
    if not VIEW_BOX.fullmatch(root.get("viewBox", "")):
        return "has no viewBox of four numbers"
    return next(_faults(root), None)


def _why_not_text(data: bytes) -> str | None:
    """Refuse what the parser would pass over in silence, or read as something else."""
    if len(data) > LARGEST:
        return f"is larger than {LARGEST // 1024} kB"
    if b"\0" in data or OTHER_ENCODING.match(data):
        return "is not UTF-8 text"
    if DOCTYPE.search(data):
        return "has a DOCTYPE or an entity"
    if INSTRUCTION.search(data):
        return "has a processing instruction"
    return None


def _faults(root: Element) -> Iterator[str]:
    nested = [(root, 1)]
    while nested:
        element, depth = nested.pop()
        if depth > DEEPEST:
            yield f"nests elements more than {DEEPEST} deep"
        yield from _element_faults(element)
        nested += [(child, depth + 1) for child in element]


def _element_faults(element: Element) -> Iterator[str]:
    name = str(element.tag).removeprefix(SVG)
    if name not in ELEMENTS:
        yield f"holds <{_plain(name)}>"
    for attribute, value in element.items():
        if attribute in {"href", XLINK_HREF}:
            if not INNER.fullmatch(value):
                yield "refers to something outside the file"
        elif attribute not in ATTRIBUTES and attribute != XML_SPACE:
            yield f"has the attribute {_plain(attribute)}"
        elif ADDRESS.search(value):
            yield "refers to something outside the file"


def _plain(name: str) -> str:
    """Return a name without its namespace, cut to what fits in a line."""
    return re.sub(r"[^\w:.-]", "?", name.rpartition("}")[2])[:40]
