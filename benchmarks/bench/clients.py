"""A client cheap enough to share two cores with the server that it loads."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
SECONDS_TO_REPLY = 60


class Unexpected(Exception):
    """A reply that the figure cannot be measured with."""


@dataclass(frozen=True)
class Reply:
    status: int
    head: bytes
    body: bytes

    @property
    def location(self) -> str:
        found = _LOCATION.search(self.head)
        return found[1].decode() if found else ""

    def must_be(self, status: int) -> "Reply":
        if self.status != status:
            raise Unexpected(f"{self.status}, not {status}: {self.body[:300]!r}")
        return self


def request(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    json_body: Mapping[str, object] | None = None,
    form: str = "",
) -> bytes:
    """Word one request; `form` is a body that is encoded already."""
    lines = {"Host": "127.0.0.1", "Accept": "*/*", **(headers or {})}
    body = json.dumps(json_body).encode() if json_body is not None else form.encode()
    if json_body is not None:
        lines["Content-Type"] = "application/json"
    elif form:
        lines["Content-Type"] = "application/x-www-form-urlencoded"
    if body or method != "GET":
        lines["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Connection:
    """One kept-alive connection; opened when first used."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, sent: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(sent)
        async with asyncio.timeout(SECONDS_TO_REPLY):
            return await _read(reader)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    body = await reader.readexactly(int(found[1])) if found else b""
    return Reply(int(head[9:12]), head, body)


async def send_once(port: int, sent: bytes) -> Reply:
    """Send over a connection of its own, as a browser does that was idle for seconds."""
    connection = Connection(port)
    try:
        return await connection.send(sent)
    finally:
        connection.close()
