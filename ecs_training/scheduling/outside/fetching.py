"""Fetching a calendar from an address that somebody typed.

Whoever types an address makes our machine speak to it, so it speaks to no private place: a
name is resolved once, every answer is judged, and the connection goes to the address that
was judged, so that a name which changes its mind gains nothing. Redirects are judged anew.
No proxy of the environment is used. The address is a secret and is in no message or log.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
)
from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from threading import Timer
from urllib.parse import SplitResult, urljoin, urlsplit

from ecs_training.foundation.clock import stopwatch
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)

MOST_BYTES = 1024 * 1024
MOST_SECONDS = 10.0  # for everything together, redirects too
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 1000  # characters
HTTPS = 443
OK = 200
REDIRECTS = {301, 302, 303, 307, 308}
# Public numbers behind which clouds keep what only their own machines may ask.
METADATA = {ip_address("168.63.129.16"), ip_address("100.100.100.200")}
# IPv6 addresses that only wrap an IPv4 address: NAT64, 6to4, Teredo.
WRAPPING = [
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"),
    IPv6Network("2001::/32"),
]


def _resolve(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _connect(number: str, seconds: float) -> socket.socket:
    return socket.create_connection((number, HTTPS), timeout=seconds)


def _secure(plain: socket.socket, host: str) -> socket.socket:
    context = ssl.create_default_context()
    # The handshake comes later, once the watch over the time is running.
    return context.wrap_socket(
        plain, server_hostname=host, do_handshake_on_connect=False
    )


@dataclass(frozen=True, kw_only=True)
class Web:
    """How the internet is reached. A test stands in for it."""

    resolve: Callable[[str], Sequence[str]] = _resolve
    connect: Callable[[str, float], socket.socket] = _connect
    secure: Callable[[socket.socket, str], socket.socket] = _secure
    seconds: float = MOST_SECONDS


INTERNET = Web()


def why_not_fetch(address: str) -> CalendarProblem | None:
    """Say why an address cannot be read, by its looks alone, or None."""
    try:
        _read_address(address)
    except CalendarUnreadable as unreadable:
        return unreadable.problem
    return None


def fetch_calendar(address: str, *, web: Web = INTERNET) -> bytes:
    """Return what stands at an address, at most 1 MB, or raise CalendarUnreadable."""
    ends = stopwatch() + web.seconds
    for _ in range(MOST_REDIRECTS + 1):
        place = _read_address(address)
        number = _public_number(place.hostname or "", web)
        answer = _ask(place, number, ends, web)
        if answer.status not in REDIRECTS:
            return _judged(answer)
        address = urljoin(place.geturl(), answer.headers.get("Location", ""))
    raise CalendarUnreadable(CalendarProblem.REDIRECTS)


def _read_address(address: str) -> SplitResult:
    usable = (
        len(address) <= LONGEST_ADDRESS
        and address.isascii()
        and address.isprintable()
        and " " not in address
    )
    try:
        place = urlsplit(address if usable else "")
        named = place.hostname and "@" not in place.netloc
        fine = named and place.port in {None, HTTPS}
    except ValueError:  # https://[ and ports that are no number
        raise CalendarUnreadable(CalendarProblem.BAD_ADDRESS) from None
    if not fine or place.scheme not in {"https", "webcal"}:
        raise CalendarUnreadable(CalendarProblem.BAD_ADDRESS)
    return place._replace(scheme="https", fragment="")


def _public_number(host: str, web: Web) -> str:
    """Resolve a name, once; one private answer among public ones is reason enough."""
    try:
        numbers = web.resolve(host)
    except (OSError, UnicodeError):
        raise CalendarUnreadable(CalendarProblem.NOT_FOUND) from None
    if not numbers:
        raise CalendarUnreadable(CalendarProblem.NOT_FOUND)
    if not all(is_public(number) for number in numbers):
        raise CalendarUnreadable(CalendarProblem.NOT_PUBLIC)
    return numbers[0]


def is_public(number: str) -> bool:
    """Say whether an IP address is one of the public internet, whatever it is wrapped in."""
    try:
        found = ip_address(number)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast and not _is_special(found)


def _is_special(found: IPv4Address | IPv6Address) -> bool:
    if found in METADATA or found.is_reserved:
        return True
    if isinstance(found, IPv4Address):
        return found in ip_network("192.88.99.0/24")  # relays of 6to4
    return any(found in wrapping for wrapping in WRAPPING)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What came back; `content` may be one byte longer than is taken."""

    status: int
    headers: Message
    content: bytes


def _ask(place: SplitResult, number: str, ends: float, web: Web) -> _Answer:
    host, left = place.hostname or "", ends - stopwatch()
    if left <= 0:
        raise CalendarUnreadable(CalendarProblem.TOO_SLOW)
    try:
        with (
            web.secure(web.connect(number, left), host) as line,
            _watched(line, ends),
        ):
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            return _read(_request(line, host, place))
    except ssl.SSLCertVerificationError:
        raise CalendarUnreadable(CalendarProblem.NOT_SECURE) from None
    except (OSError, HTTPException, ValueError):
        late = stopwatch() >= ends
        raise CalendarUnreadable(
            CalendarProblem.TOO_SLOW if late else CalendarProblem.NO_ANSWER
        ) from None


@contextmanager
def _watched(line: socket.socket, ends: float) -> Iterator[None]:
    """Break a connection off when the time is over, however slowly it still drips."""

    def break_off() -> None:
        with suppress(OSError):  # of the plain socket: TLS is not asked
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    watch = Timer(max(0.0, ends - stopwatch()), break_off)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
    if stopwatch() >= ends:  # what was read may be half of it
        raise CalendarUnreadable(CalendarProblem.TOO_SLOW)


def _request(line: socket.socket, host: str, place: SplitResult) -> HTTPResponse:
    connection = HTTPConnection(host, HTTPS)
    connection.sock = line
    target = place._replace(scheme="", netloc="", path=place.path or "/").geturl()
    headers = {
        "Host": f"[{host}]" if ":" in host else host,
        "Accept": "text/calendar, */*;q=0.1",
        "Accept-Encoding": "identity",
        "User-Agent": "ECS-Training-calendar-reader",
        "Connection": "close",
    }
    connection.request("GET", target, headers=headers)
    return connection.getresponse()


def _read(response: HTTPResponse) -> _Answer:
    with closing(response):
        content = response.read(MOST_BYTES + 1)
        if len(content) <= MOST_BYTES and response.length:
            raise IncompleteRead(b"")  # so many bytes were promised and did not come
        return _Answer(
            status=response.status, headers=response.headers, content=content
        )


def _judged(answer: _Answer) -> bytes:
    problem = None
    if answer.status != OK:
        problem = CalendarProblem.REFUSED
    elif len(answer.content) > MOST_BYTES:
        problem = CalendarProblem.TOO_LARGE
    elif not _is_calendar(answer):
        problem = CalendarProblem.NOT_A_CALENDAR
    if problem:
        raise CalendarUnreadable(problem)
    return answer.content


def _is_calendar(answer: _Answer) -> bool:
    """Say so by its kind, or by how it begins; nothing that would have to be unpacked is."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        return False
    begins = answer.content.lstrip(b"\xef\xbb\xbf\r\n\t ")
    return answer.headers.get_content_type() == "text/calendar" or begins.startswith(
        b"BEGIN:VCALENDAR"
    )
