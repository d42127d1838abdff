"""What is wrong with a bank file, in one line that says where."""

from dataclasses import dataclass

from ecs_training.questions.rules.bank import BankItem


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that the author of a file must change. Lines count from 1."""

    file: str
    message: str
    line: int | None = None
    item: str | None = None
    field: str | None = None
    rule: str = "schema"  # which rule of the content lint found it

    def __str__(self) -> str:
        place = [
            self.file,
            f"line {self.line}" if self.line else "",
            f"item {self.item}" if self.item else "",
            self.field or "",
        ]
        return f"{', '.join(part for part in place if part)}: {self.message}"


def fault_at(
    item: BankItem, field: str, message: str, *, rule: str = "schema"
) -> Fault:
    """Return a fault on the line of a field; of the whole item, where it has none such."""
    return Fault(
        file=item.file,
        line=item.lines.get(field, item.lines["id"]),
        item=item.code,
        field=field,
        rule=rule,
        message=message,
    )


class BankError(ValueError):
    """The bank cannot be used as it is. `others` counts the further faults."""

    def __init__(self, fault: Fault, *, others: int = 0) -> None:
        super().__init__(f"{fault} (and {others} more)" if others else str(fault))
        self.fault = fault
