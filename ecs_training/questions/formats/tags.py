"""What becomes of each HTML tag when only plain text is kept."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They separate words, and nobody misses them.
BLOCKS = _words(
    "p div br section article main header footer aside address figure figcaption center"
    " html body"
)
# They separate words, and something of the look is gone.
LAYOUT = _words("h1 h2 h3 h4 h5 h6 blockquote pre hr")
QUIET = _words("span wbr nobr bdi label time data o:p")
EMPHASIS = _words(
    "b strong em i u ins mark big small font code kbd samp tt var cite dfn"
)
LOST_BY_TAG = {
    "a": "a link was left out",
    "abbr": "a note to an abbreviation was left out",
    "acronym": "a note to an abbreviation was left out",
}
REFUSED = {
    tag: what
    for what, tags in {
        "a table": _words("table caption thead tbody tfoot tr td th col colgroup"),
        "a list, whose items would run together": _words("ul ol dl li dt dd menu"),
        "a formula, which cannot be shown": _words("math"),
        "sound, film or another embedded thing": _words(
            "svg canvas object embed applet iframe frame frameset audio video source"
            " track picture map area param"
        ),
        "a script, a style sheet or a form": _words(
            "script style link meta base form input select option optgroup textarea"
            " button fieldset datalist output progress meter noscript template"
        ),
        "text that is struck through": _words("del s strike"),
        "two texts one above the other": _words("ruby rb rt rp rtc"),
        "text in a changed direction": _words("bdo"),
        "parts that move or open": _words("details summary dialog marquee blink"),
    }.items()
    for tag in tags
}
MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans(f"0123456789+-{MINUS}()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
SUBSCRIPTS = str.maketrans(f"0123456789+-{MINUS}()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
