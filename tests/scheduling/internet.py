"""A stand-in for the internet: a name leads to a public number, and that to this machine."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

from ecs_training.scheduling.outside.fetching import Web

PUBLIC = "93.184.216.34"
AS_CALENDAR = "Content-Type: text/calendar; charset=utf-8"
ADDRESS = "https://calendar.example/private/S3CR3T.ics"


def calendar(*entries: str) -> bytes:
    """Write a calendar of entries, whose lines are parted by |."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//EN"]
    for n, entry in enumerate(entries):
        uid = [] if "UID:" in entry else [f"UID:theirs-{n}@elsewhere.example"]
        lines += ["BEGIN:VEVENT", "SUMMARY:A private matter", *uid]
        lines += [*entry.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def http(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


class Server:
    """Gives each connection the next answer, byte by byte if there is a pause, in seconds."""

    def __init__(self, answers: Sequence[bytes], pause: float) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.answers, self.pause = answers, pause
        self.noted: list[str] = []  # what was connected to, and asked for
        self.over = Event()

    def serve(self) -> None:
        for answer in self.answers:
            line, _ = self.socket.accept()
            if self.over.is_set():
                return
            with line, suppress(OSError):  # who asked may have gone away
                self.noted.append(line.recv(65536).split(b"\r\n")[0].decode("latin-1"))
                self.send(line, answer)

    def send(self, line: socket.socket, answer: bytes) -> None:
        size = 1 if self.pause else max(1, len(answer))
        for n in range(0, len(answer), size):
            line.sendall(answer[n : n + size])
            self.over.wait(self.pause)

    def connect(self, number: str, seconds: float) -> socket.socket:
        self.noted.append(number)
        return socket.create_connection(self.socket.getsockname(), timeout=seconds)


@contextmanager
def elsewhere(
    *answers: bytes, pause: float = 0.0, seconds: float = 5.0
) -> Iterator[tuple[Web, list[str]]]:
    """Serve these answers, and return the way to them and what was noted."""
    server = Server(answers, pause)
    thread = Thread(target=server.serve)
    thread.start()
    web = Web(
        resolve=lambda _host: [PUBLIC],
        connect=server.connect,
        secure=lambda line, _host: line,
        seconds=seconds,
    )
    try:
        yield web, server.noted
    finally:
        server.over.set()
        with suppress(OSError), socket.create_connection(server.socket.getsockname()):
            thread.join()
        server.socket.close()
