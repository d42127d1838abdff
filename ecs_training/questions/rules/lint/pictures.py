"""That pictures are safe, used, and told without giving the answer away."""

from collections.abc import Iterator, Mapping

from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.lint.words import list_words
from ecs_training.questions.rules.pictures import why_not_picture


def image_alt(item: BankItem) -> Iterator[Fault]:
    """Find an alt text that holds the text of the key, but not of every other option.

    "Ladder 1", "ladder 2" and so on give nothing away where all four are told of.
    """
    if not item.image:
        return
    alt = _spaced(item.image.alt)
    told = [letter for letter, text in item.options.items() if _spaced(text) in alt]
    if item.key in told and len(told) < len(item.options):
        message = "holds the text of the key"
        yield fault_at(item, "image.alt", message, rule="image-alt")


def _spaced(text: str) -> str:
    return f" {' '.join(list_words(text))} "


def picture_faults(bank: Bank, pictures: Mapping[str, bytes]) -> Iterator[Fault]:
    """Find pictures that are not plain SVG, and those that no item shows."""
    shown = {item.image.file for item in bank.items if item.image}
    for name, data in pictures.items():
        if why := why_not_picture(data):
            yield _fault(name, "picture-safe", why)
        if name not in shown:
            yield _fault(name, "unused-picture", "is shown by no item")


def _fault(name: str, rule: str, message: str) -> Fault:
    return Fault(file=f"images/{name}", line=1, rule=rule, message=message)
