"""What is wrong with a bank file, in one line that says where."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that the author of a file must change. Lines count from 1."""

    file: str
    message: str
    line: int | None = None
    item: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = [
            self.file,
            f"line {self.line}" if self.line else "",
            f"item {self.item}" if self.item else "",
            self.field or "",
        ]
        return f"{', '.join(part for part in place if part)}: {self.message}"


class BankError(ValueError):
    """The bank cannot be used as it is. `others` counts the further faults."""

    def __init__(self, fault: Fault, *, others: int = 0) -> None:
        super().__init__(f"{fault} (and {others} more)" if others else str(fault))
        self.fault = fault
