"""Words and numbers of a text, and how alike two texts are."""

import re
from collections import Counter

WORD = re.compile(r"\w+(?:[.,'\u2019]\w+)*")
NUMERAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
# "one" is left out: it mostly stands for a thing, as in "get a new one".
NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=2,
    )
}
Bag = frozenset[tuple[str, int]]  # each word with how often it stood before


def list_words(text: str) -> list[str]:
    """Return the words and numbers in lower case; "2.5" and "don't" are one each."""
    return WORD.findall(text.casefold())


def make_bag(text: str) -> Bag:
    """Return the words of a text, a repeated word as often as it stands there."""
    return frozenset(
        (word, n)
        for word, count in Counter(list_words(text)).items()
        for n in range(count)
    )


def similarity(one: Bag, other: Bag) -> float:
    """Return the share of words, of both texts together, that stand in both (0 to 1).

    This is the coefficient of Sørensen and Dice, 2 * shared / (words of one + of other),
    repeated words counted, whatever their order.
    """
    together = len(one) + len(other)
    return 2 * len(one & other) / together if together else 1.0


def list_numbers(text: str) -> set[str]:
    """Return the numbers of a text as figures: "1,000" and "two" are 1000 and 2."""
    figures = {number.replace(",", "") for number in NUMERAL.findall(text)}
    words = {NUMBER_WORDS[word] for word in list_words(text) if word in NUMBER_WORDS}
    return figures | words
