"""Sums of money: whole pence in the code, pounds for people. Pure."""


def word_pounds(pence: int) -> str:
    """Word a sum for people: 17400 is £174.00, -500 is -£5.00."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"
