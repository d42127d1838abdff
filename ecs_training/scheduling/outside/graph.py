"""Online meetings and their attendance, as Microsoft Graph keeps them.

Meetings are made with an id of ours (createOrGet): asked again after an answer that was
lost, Microsoft returns the one that it made.
https://learn.microsoft.com/graph/api/onlinemeeting-createorget
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.outside.graph_access import (
    GraphAccess,
    GraphFailed,
    GraphNotThere,
    access_of,
    ask_graph,
)

MOST_PAGES = 50


@dataclass(frozen=True, kw_only=True)
class MeetingPlan:
    """What a meeting is to say; instants in UTC."""

    subject: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class OnlineMeeting:
    graph_id: str
    joining_url: str
    plan: MeetingPlan


@dataclass(frozen=True, kw_only=True)
class GraphStay:
    """One stay of one person in one run of a meeting. `email` is empty for most guests."""

    shown_name: str
    email: str
    role: str
    joined_at: datetime
    left_at: datetime


class Graph:
    """Microsoft Graph for the meetings of one organiser. Every call may raise GraphFailed."""

    def __init__(self, access: GraphAccess, clock: Clock, *, organiser: str) -> None:
        self._access, self._clock = access, clock
        self._meetings = (
            f"{access.url}/users/{quote(organiser, safe='')}/onlineMeetings"
        )

    def create_or_get(self, external_id: str, plan: MeetingPlan) -> OnlineMeeting:
        """Return the meeting with our id, made now or before; it may say something older."""
        body = {"externalId": external_id, **_as_graph_says(plan)}
        return _meeting(self._ask("POST", f"{self._meetings}/createOrGet", body))

    def get(self, graph_id: str) -> OnlineMeeting:
        return _meeting(self._ask("GET", self._address(graph_id)))

    def change(self, graph_id: str, plan: MeetingPlan) -> OnlineMeeting:
        """Give a meeting its times and subject, and nothing else: its link stays."""
        return _meeting(
            self._ask("PATCH", self._address(graph_id), _as_graph_says(plan))
        )

    def remove(self, graph_id: str) -> None:
        """Remove a meeting; one that is not there is removed."""
        try:
            self._ask("DELETE", self._address(graph_id))
        except GraphNotThere:
            return

    def list_reports(self, graph_id: str) -> list[str]:
        """Return the ids of a meeting's attendance reports; Microsoft keeps the newest 50."""
        pages = self._pages(f"{self._address(graph_id)}/attendanceReports")
        return [_text(report, "id") for report in pages]

    def list_stays(self, graph_id: str, report_id: str) -> list[GraphStay]:
        """Return every stay of a report, page by page."""
        report = quote(report_id, safe="")
        address = (
            f"{self._address(graph_id)}/attendanceReports/{report}/attendanceRecords"
        )
        asked = f"{address}?{urlencode({'$top': 100})}"
        return [stay for record in self._pages(asked) for stay in _stays(record)]

    def _address(self, graph_id: str) -> str:
        return f"{self._meetings}/{quote(graph_id, safe='')}"

    def _pages(self, url: str) -> Iterator[dict[str, Any]]:
        for _ in range(MOST_PAGES):
            page = self._ask("GET", url)
            yield from page.get("value", [])
            url = page.get("@odata.nextLink", "")
            if not url:
                return
        raise GraphFailed("Microsoft's answer has no end.")

    def _ask(
        self, method: str, url: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return ask_graph(self._access, self._clock, method, url, body)


def graph_for(settings: Settings, clock: Clock, *, organiser: str) -> Graph:
    return Graph(access_of(settings), clock, organiser=organiser)


def _as_graph_says(plan: MeetingPlan) -> dict[str, str]:
    return {
        "subject": plan.subject,
        "startDateTime": f"{plan.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{plan.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _meeting(found: dict[str, Any]) -> OnlineMeeting:
    return OnlineMeeting(
        graph_id=_text(found, "id"),
        joining_url=_text(found, "joinWebUrl"),
        plan=MeetingPlan(
            subject=str(found.get("subject") or ""),
            starts_at=_instant(found, "startDateTime"),
            ends_at=_instant(found, "endDateTime"),
        ),
    )


def _stays(record: dict[str, Any]) -> Iterator[GraphStay]:
    identity = record.get("identity") or {}
    for interval in record.get("attendanceIntervals") or []:
        yield GraphStay(
            shown_name=str(identity.get("displayName") or ""),
            email=str(record.get("emailAddress") or ""),
            role=str(record.get("role") or ""),
            joined_at=_instant(interval, "joinDateTime"),
            left_at=_instant(interval, "leaveDateTime"),
        )


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise GraphFailed(f"Microsoft's answer has no {name}.")
    return value


def _instant(found: dict[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(_text(found, name))
    except ValueError as error:
        raise GraphFailed(f"Microsoft's answer has no {name}.") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
