"""A script from outside: it knows interfaces.md, demo.json and the bank's files, no code."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html import unescape
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, cast

import yaml


@dataclass(frozen=True)
class Answer:
    status: int
    url: str
    text: str
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', self.text)
        assert found, self.url
        return found[1]


class Client:
    """Cookies, redirects and CSRF tokens; nothing else."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.page = Answer(0, "", "", {})

    def send(
        self,
        path: str,
        *,
        method: str = "GET",
        form: dict[str, str] | None = None,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        sent = dict(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        address = urllib.parse.urljoin(self.base_url, path)
        request = urllib.request.Request(address, data, sent, method=method)
        try:
            reply = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            reply = error
        with cast(HTTPResponse, reply) as answer:
            text = answer.read().decode()
            return Answer(answer.status, answer.url, text, dict(answer.headers))

    def get(self, path: str, **headers: str) -> Answer:
        answer = self.send(path, headers=headers)
        if "csrf-token" in answer.text:
            self.page = answer
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        form = {"csrf_token": self.page.token, **fields}
        answer = self.send(path, method="POST", form=form)
        if "csrf-token" in answer.text:
            self.page = answer
        return answer

    def put(self, path: str, body: object) -> Answer:
        token = {"X-CSRFToken": self.page.token}
        return self.send(path, method="PUT", body=body, headers=token)

    def sign_in(self, email: str, password: str) -> Answer:
        self.get("/sign-in")
        return self.post("/sign-in", email=email, password=password)


def read_bank(folder: Path) -> dict[str, str]:
    """Return the right option's text of every stem."""
    return {
        item["stem"]: item["options"][item["key"]]
        for path in folder.glob("topics/*.yaml")
        for item in yaml.safe_load(path.read_text())["items"]
    }


def read_question(page: Answer) -> tuple[str, dict[str, str]]:
    """Return the stem and the options as they are shown, by letter."""
    stem = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert stem
    options = {}
    for found in re.finditer(r'<input[^>]*name="option"[^>]*>', page.text):
        letter = re.search(r'value="([a-d])"', found[0])
        name = re.search(r'id="([^"]+)"', found[0])
        assert letter
        assert name
        label = re.search(
            rf'<label for="{name[1]}">(.*?)</label>', page.text, re.DOTALL
        )
        assert label
        options[letter[1]] = unescape(label[1]).strip()
    return unescape(stem[1]).strip(), options


def data(page: Answer, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page.text)
    assert found, f"no data-{name} on {page.url}"
    return found[1]


def pick(bank: dict[str, str], page: Answer, *, rightly: bool) -> str:
    stem, options = read_question(page)
    assert sorted(options) == ["a", "b", "c", "d"]
    return next(
        letter for letter, text in options.items() if (text == bank[stem]) is rightly
    )


def sit(client: Client, sitting: str, bank: dict[str, str], *, right: int) -> Any:
    """Sit by the numbered PUT, question by question; return the result's JSON."""
    client.get(f"/sittings/{sitting}")
    page = client.post(f"/sittings/{sitting}/attempts")
    attempt = urllib.parse.urlsplit(page.url).path.removesuffix("/questions/1")
    lease, seq = data(page, "lease"), int(data(page, "seq"))
    body: dict[str, Any] = {}
    for n in range(1, 51):
        page = client.get(f"{attempt}/questions/{n}")
        seq += 1
        body = {
            "option": pick(bank, page, rightly=n <= right),
            "flagged": n % 10 == 0,
            "seq": seq,
            "lease": lease,
            "age_ms": 0,
        }
        saved = client.put(f"{attempt}/responses/{n}", body)
        assert saved.status == 200, saved.text
        assert (saved.json()["seq"], saved.json()["answered"]) == (seq, n)
        assert client.put(f"{attempt}/responses/{n}", body).status == 200
    stale = client.put(f"{attempt}/responses/1", {**body, "seq": 1})
    assert (stale.status, stale.json()["reason"]) == (409, "stale")
    ended = client.post(f"{attempt}/completion")
    assert urllib.parse.urlsplit(ended.url).path == f"{attempt}/result"
    gone = client.put(f"{attempt}/responses/1", {**body, "seq": seq + 1})
    assert (gone.status, gone.json()["reason"]) == (410, "finished")
    return client.get(f"{attempt}/result.json").json()


def sit_by_forms(
    client: Client, sitting: str, bank: dict[str, str], *, right: int
) -> Any:
    """Sit by form posts alone; return the result's JSON."""
    client.get(f"/sittings/{sitting}")
    page = client.post(f"/sittings/{sitting}/attempts")
    attempt = urllib.parse.urlsplit(page.url).path.removesuffix("/questions/1")
    for n in range(1, 51):
        page = client.post(
            f"{attempt}/responses/{n}",
            option=pick(bank, page, rightly=n <= right),
            seq=str(int(data(page, "seq")) + 1),
            lease=data(page, "lease"),
            go="next" if n < 50 else "review",
        )
        assert page.status == 200
    client.post(f"{attempt}/completion")
    return client.get(f"{attempt}/result.json").json()
