"""Somebody signed in over HTTP: the session and the forms' secrets that the measured requests carry."""

import gzip
import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FILES = re.compile(r'(?:href|src)="(/static/[^"#]+)')
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "id"}


class Visitor:
    """A browser without a cache. Answers other than success raise HTTPError."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, or fail where the page still asks to."""
        self.post("/login", self.get("/login"), email=email, password=password)
        assert 'action="/logout"' in self.get("/profile"), f"{email} could not sign in"

    def get(self, path: str) -> str:
        """The page."""
        return self._text(self._send(path))

    def post(self, path: str, page: str, **fields: object) -> str:
        """Send a form of ``page`` and return the page that it leads to."""
        return self._text(self._send(path, {"csrf_token": csrf_token(page), **fields}))

    def head(self, method: str, path: str) -> str:
        """The lines that start such a request, to be sent by the load generator."""
        cookies = "; ".join(f"{each.name}={each.value}" for each in self.cookies)
        lines = {"Host": self.url.removeprefix("http://"), **BROWSER}
        lines |= {"Cookie": cookies} if cookies else {}
        lines |= {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        return f"{method} {path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )

    def weights(self, path: str) -> tuple[int, int, int]:
        """Bytes of the page plain, as it is sent, and of the files it draws in, as they are sent."""
        sent = self._send(path)
        files = sum(len(self._send(each)) for each in set(_files(self._text(sent))))
        return len(self._text(sent).encode()), len(sent), files

    def _send(self, path: str, fields: dict[str, object] | None = None) -> bytes:
        data = urlencode(fields).encode() if fields else None
        with self._opener.open(Request(self.url + path, data, BROWSER), timeout=30) as answer:
            return bytes(answer.read())

    @staticmethod
    def _text(sent: bytes) -> str:
        return (gzip.decompress(sent) if sent[:2] == b"\x1f\x8b" else sent).decode()


def csrf_token(page: str) -> str:
    """The secret that forms of this page carry."""
    found = CSRF.search(page)
    assert found, "the page has no form"
    return found[1]


def _files(page: str) -> Iterator[str]:
    return (each[1] for each in FILES.finditer(page))
