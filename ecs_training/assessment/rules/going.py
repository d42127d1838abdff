"""Where a candidate goes after a question. Pure."""

import re

GO = re.compile(r"next|previous|review|[1-9][0-9]{0,2}")


def where_next(go: str, *, n: int, out_of: int) -> int | None:
    """Return the question that `go` leads to from question `n`; None is the review."""
    if go == "next":
        return n + 1 if n < out_of else None
    if go == "previous":
        return max(1, n - 1)
    return None if go == "review" else int(go)
