"""The syllable counter against words whose syllables a dictionary gives."""

import pytest

from ecs_training.questions.rules.lint.syllables import count_syllables

KNOWN = {
    1: "the you fire stairs gloves clothes closed used stopped wires goes tie eye hour"
    " noise edge league queue through height board",
    2: "ladder worker safety cable cables people harness circuit voltage scaffold boxes"
    " quiet layer beyond doing being working platform hundred minutes handled tested"
    " damaged injured required something metre centre fibre pavement careful workplace"
    " client colleague technique science union million onion poison business rhythm"
    " argue doctor houses pressure",
    3: "electric area isolate employer hazardous"
    " asbestos vibration dioxide replacement previous serious radio period various"
    " vehicle cylinder dangerous carrier fluorescent barrier easiest audience anyone"
    " somebody completely theatre exposure injuries manager arrangement",
    4: "electrician regulation supervisor extinguisher material evacuate isolated"
    " emergency experience reliable"
    " society certificate temporary radiator ionising environment operation priority",
    5: "electricity examination immediately environmental refrigeration",
}
WORDS = [(word, count) for count, words in KNOWN.items() for word in words.split()]


def test_95_of_100_words_are_counted_right() -> None:
    assert len(WORDS) >= 100
    wrong = [word for word, count in WORDS if count_syllables(word) != count]
    assert len(wrong) <= 0.05 * len(WORDS), wrong


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("Ladder", 2),
        ("worker's", 2),
        ("workers'", 2),
        ("machine\u2019s", 2),
        ("mm", 1),
        ("x", 1),
        ("", 1),
    ],
)
def test_a_word_is_counted_however_it_is_written(word: str, count: int) -> None:
    assert count_syllables(word) == count
