"""Pages that are sent packed to whoever can unpack them: a phone on a building site pays for bytes.

Only pages that ask for it, and our own files. A page that repeats what somebody sent beside
a secret must not be packed: its length would tell whether they are alike.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, g, request

LEVEL = 5  # a tenth larger than 9, in half of the time
WORTH_IT = 1024  # bytes; less fits in one packet anyway
TEXTS = ("text/", "application/json", "image/svg+xml")


def pack_reply() -> None:
    """Let the reply to this request be packed."""
    g.packs = True


def pack_replies(app: Flask) -> None:
    def pack(response: Response) -> Response:
        asked = request.endpoint == "static" or g.get("packs", False)
        if asked and _is_worth_it(response):
            _pack(response)
        return response

    app.after_request(pack)


def _is_worth_it(response: Response) -> bool:
    response.headers.add("Vary", "Accept-Encoding")
    return (
        "gzip" in request.headers.get("Accept-Encoding", "")
        and request.accept_encodings.quality("gzip") > 0
        and response.status_code == 200  # noqa: PLR2004 - what has a body of its own
        and (response.mimetype or "").startswith(TEXTS)
        and "Content-Encoding" not in response.headers
    )


def _pack(response: Response) -> None:
    response.direct_passthrough = False
    body = response.get_data()
    response.close()  # the file that it was read from
    if len(body) < WORTH_IT:
        return
    is_file = request.endpoint == "static"
    response.set_data(_pack_file(body) if is_file else gzip.compress(body, LEVEL))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same file, in other bytes


@lru_cache(maxsize=64)
def _pack_file(body: bytes) -> bytes:
    return gzip.compress(body, 9)
