"""Microsoft Graph as its documentation describes it, as a server on this machine.

Signs apps in, makes meetings (createOrGet), gives, changes and removes them, and tells who
came. What goes wrong is scripted: `faults` holds one entry a request, first come first
served, for requests whose method and path it names.
"""

import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2  # rows on a page, so that paging is met early
KEPT_REPORTS = 50
POLICY = "No application access policy found for this app: {app} on the user: {user}"


@dataclass
class Fault:
    """What happens instead: an answer, or (`lost`) the work is done and the answer is lost.

    `stall` seconds pass before anything is answered.
    """

    on: str  # a regular expression over "METHOD path"
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    lost: bool = False
    stall: float = 0


@dataclass
class GraphDouble:
    url: str = ""
    secret: str = "s3cret-of-the-app"
    token_lasts: int = 3600
    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    waited: threading.Event = field(default_factory=threading.Event)
    # Its own, or a token for an earlier double on the same port would be tried here first.
    tenant: str = field(default_factory=lambda: f"tenant-{uuid.uuid4().hex[:8]}")

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "teams_meetings": "graph",
            "graph_tenant": self.tenant,
            "graph_client_id": "app-1",
            "graph_client_secret": self.secret,
            "graph_organiser": "organiser-1",
            "graph_url": f"{self.url}/v1.0",
            "graph_login_url": self.url,
            "graph_seconds": 2,
        }

    @property
    def only_meeting(self) -> dict[str, Any]:
        (meeting,) = self.meetings.values()
        return meeting

    def count(self, pattern: str) -> int:
        return sum(bool(re.search(pattern, each)) for each in self.asked)

    def add_report(self, *records: dict[str, Any], meeting: str = "") -> str:
        """Let a run of the (only) meeting be over; the newest comes first."""
        meeting = meeting or str(self.only_meeting["id"])
        report = {"id": str(uuid.uuid4()), "records": list(records)}
        self.reports.setdefault(meeting, []).insert(0, report)
        return str(report["id"])


def record(
    name: str, email: str | None, *stays: tuple[str, str], role: str = "Attendee"
) -> dict[str, Any]:
    """Return an attendanceRecord; stays are pairs of instants as Graph writes them."""
    return {
        "id": str(uuid.uuid4()),
        "emailAddress": email,
        "role": role,
        "totalAttendanceInSeconds": 0,
        "identity": {"@odata.type": "#microsoft.graph.identity", "displayName": name},
        "attendanceIntervals": [
            {"joinDateTime": joined, "leaveDateTime": left, "durationInSeconds": 0}
            for joined, left in stays
        ],
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: GraphDouble

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        double, path = self.double, unquote(urlsplit(self.path).path)
        with double.lock:
            double.asked.append(f"{method} {path}")
            fault = self._take_fault(f"{method} {path}")
        if fault and fault.stall:
            double.waited.wait(fault.stall)
        if fault and fault.status:
            self._say(fault.status, fault.body, fault.headers)
            return
        with double.lock:
            status, body = self._do(method, path, content)
        if fault and fault.lost:
            self.close_connection = True
            return
        self._say(status, body)

    def _take_fault(self, asked: str) -> Fault | None:
        for fault in self.double.faults:
            if re.search(fault.on, asked):
                self.double.faults.remove(fault)
                return fault
        return None

    def _say(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        content = json.dumps(body).encode() if status != 204 else b""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _do(self, method: str, path: str, content: bytes) -> tuple[int, dict[str, Any]]:
        if path.endswith("/oauth2/v2.0/token"):
            return self._sign_in(content)
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in self.double.tokens:
            return 401, _error(
                "InvalidAuthenticationToken", "Access token has expired."
            )
        body = json.loads(content or b"{}")
        if body:
            self.double.bodies.append(body)
        place = path.partition("/onlineMeetings/")[2]
        if place == "createOrGet":
            return self._create_or_get(body)
        graph_id, _, rest = place.partition("/")
        meeting = self.double.meetings.get(graph_id)
        if meeting is None:
            return 404, _error("NotFound", "The requested meeting was not found.")
        if rest:
            return self._reports(graph_id, rest)
        return self._one(method, meeting, body)

    def _sign_in(self, content: bytes) -> tuple[int, dict[str, Any]]:
        form = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        self.double.forms.append(form)
        right = form.get("client_secret") == self.double.secret
        if not right and "client_assertion" not in form:
            return 401, {
                "error": "invalid_client",
                "error_description": f"AADSTS7000215: {form.get('client_secret')}",
            }
        token = f"token-{len(self.double.forms)}"
        self.double.tokens.add(token)
        lasts = self.double.token_lasts
        return 200, {"token_type": "Bearer", "expires_in": lasts, "access_token": token}

    def _create_or_get(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert set(body) == {"externalId", "subject", "startDateTime", "endDateTime"}
        for meeting in self.double.meetings.values():
            if meeting["externalId"] == body["externalId"]:
                return 200, meeting
        graph_id = f"MSp{uuid.uuid4().hex}*0**19:meeting@thread.v2"
        self.double.meetings[graph_id] = {
            **_as_graph_words(body),
            "externalId": body["externalId"],
            "id": graph_id,
            "joinWebUrl": f"https://teams.example.com/l/meetup-join/{uuid.uuid4()}",
        }
        return 201, self.double.meetings[graph_id]

    def _one(
        self, method: str, meeting: dict[str, Any], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if method == "DELETE":
            del self.double.meetings[meeting["id"]]
            return 204, {}
        if method == "PATCH":
            assert set(body) <= {"subject", "startDateTime", "endDateTime"}
            meeting.update(_as_graph_words(body))
        return 200, meeting

    def _reports(self, graph_id: str, rest: str) -> tuple[int, dict[str, Any]]:
        kept = self.double.reports.get(graph_id, [])[:KEPT_REPORTS]
        if rest == "attendanceReports":
            return 200, self._page([{"id": each["id"]} for each in kept])
        report_id = rest.split("/")[1]
        for each in kept:
            if each["id"] == report_id:
                return 200, self._page(each["records"])
        return 404, _error("NotFound", "No such report.")

    def _page(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        query = parse_qs(urlsplit(self.path).query)
        skip = int(query.get("$skiptoken", ["0"])[0])
        page: dict[str, Any] = {"value": rows[skip : skip + PAGE]}
        if skip + PAGE < len(rows):
            here = f"{self.double.url}{urlsplit(self.path).path}"
            page["@odata.nextLink"] = f"{here}?$skiptoken={skip + PAGE}"
        return page


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _as_graph_words(body: dict[str, Any]) -> dict[str, Any]:
    """Graph gives instants back with seven digits of a second's parts."""
    return {
        name: value.replace("Z", ".0000000Z") if name.endswith("DateTime") else value
        for name, value in body.items()
    }


@contextmanager
def running_double() -> Iterator[GraphDouble]:
    double = GraphDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.waited.set()
        server.shutdown()
        server.server_close()
        thread.join()
