"""A bound on the work that one file may ask for."""

from ecs_training.questions.formats.found import FileRefused

MOST_SIGNS = 250_000  # < and & in one file; two thousand items of Moodle's have fewer


class Allowance:
    """How much markup may still be read, in one file or in all parts of a package."""

    def __init__(self) -> None:
        self._left = MOST_SIGNS

    def spend(self, data: bytes, *, name: str) -> None:
        """Count before anything is parsed. Raise FileRefused for too much."""
        self._left -= data.count(b"<") + data.count(b"&")
        if self._left < 0:
            why = "holds more markup than a question file needs; split it"
            raise FileRefused(why, name=name)
