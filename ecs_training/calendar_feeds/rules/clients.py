"""Which calendar program asks for a feed, as far as it says so itself."""

LONGEST = 120  # characters kept of a program that nobody here knows
UNKNOWN = "A program that does not say its name"

# The first that stands in what a program calls itself; browsers last, many pretend to be one.
_FAMILIES = (
    ("google-calendar", "Google Calendar"),
    ("googlebot", "Google Calendar"),
    ("microsoft.exchange", "Outlook or Microsoft 365"),
    ("microsoft exchange", "Outlook or Microsoft 365"),
    ("microsoft office", "Outlook or Microsoft 365"),
    ("outlook", "Outlook or Microsoft 365"),
    ("dataaccessd", "Apple Calendar"),
    ("calendaragent", "Apple Calendar"),
    ("coredav", "Apple Calendar"),
    ("ical/", "Apple Calendar"),
    ("thunderbird", "Thunderbird"),
    ("lightning", "Thunderbird"),
    ("nextcloud", "Nextcloud"),
    ("icsx5", "ICSx5"),
    ("davx5", "DAVx5"),
    ("evolution", "Evolution"),
    ("vdirsyncer", "vdirsyncer"),
    ("yahoo", "Yahoo Calendar"),
    ("mozilla/", "A web browser"),
)


def client_family(user_agent: str) -> str:
    """Return the program's family, or what it calls itself: printable, at most LONGEST long."""
    said = user_agent.lower()
    for part, family in _FAMILIES:
        if part in said:
            return family
    printable = "".join(c if c.isprintable() else " " for c in user_agent)
    return " ".join(printable.split())[:LONGEST].strip() or UNKNOWN
