"""Argilla's REST API over plain HTTP: who and where the server is, and one careful call.

Reading (counts, status, verdicts) needs a handful of GETs. The SDK imports pandas and datasets for them, which takes seconds,
and hides when a response was given; so it is left to what it does best, making datasets (`argilla_port`).
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from typing import IO, Any

from tasks.errors import ReviewError

SECONDS = 30.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
REFUSALS = {
    401: "refused the API key; take the right one from the server's settings page (embedded: .jeongdap/argilla/owner.json)",
    403: "does not allow this to the owner of the API key; use the key of an owner or of an admin of the workspace",
    404: "has no such page; is it an Argilla 2 server? If not, mend review.url",
}


@dataclass(frozen=True, slots=True)
class ReviewServer:
    """Where an Argilla server is, and the key to it."""

    url: str
    api_key: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.url.rstrip("/"))
        if not (self.api_key.isascii() and self.api_key.isprintable() and self.api_key.strip() == self.api_key != ""):
            raise ReviewError(f"{self.url}: the API key is empty or has characters that no key has")

    @property
    def local(self) -> bool:
        """Whether it runs on this machine, where no proxy leads."""
        return urllib.parse.urlsplit(self.url).hostname in LOOPBACK


class RefusedError(ReviewError):
    """The server answered, but with an error."""

    def __init__(self, url: str, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(f"{url}: {REFUSALS.get(status, f'answered {status}: {detail[:500]}')}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the API key to wherever it points."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def call(server: ReviewServer, method: str, path: str, body: object = None, seconds: float = SECONDS) -> Any:
    """The JSON that the server answers; None for an empty answer. Raises ReviewError naming the URL and the cure."""
    request = urllib.request.Request(server.url + path, method=method, headers={"X-Argilla-Api-Key": server.api_key})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    answer = _send(server, request, seconds)
    try:
        return json.loads(answer) if answer else None
    except ValueError:
        raise ReviewError(f"{server.url}: answers, but is no Argilla server; mend review.url") from None


def _send(server: ReviewServer, request: urllib.request.Request, seconds: float) -> bytes:
    proxies = urllib.request.ProxyHandler({} if server.local else None)
    try:
        with urllib.request.build_opener(proxies, _NoRedirect).open(request, timeout=seconds) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as exc:
        raise RefusedError(server.url, exc.code, _detail(exc)) from None
    except (OSError, HTTPException) as exc:  # URLError and timeouts are OSErrors
        raise unreachable(server.url, exc) from exc


def _detail(exc: urllib.error.HTTPError) -> str:
    try:
        return exc.read().decode("utf-8", "replace")
    except (OSError, HTTPException):
        return exc.reason


def unreachable(url: str, exc: Exception) -> ReviewError:
    """What to tell somebody whose server does not answer."""
    reason = getattr(exc, "reason", None) or exc
    return ReviewError(
        f"{url}: the review server does not answer ({reason}); start it (jeongdap review serve) or mend review.url"
    )


def workspaces(server: ReviewServer) -> dict[str, str]:
    """Names and ids of the workspaces that the key may see."""
    return {str(item["name"]): str(item["id"]) for item in call(server, "GET", "/api/v1/me/workspaces")["items"]}


def workspace_id(server: ReviewServer, workspace: str) -> str:
    """The id of a workspace. Raises ReviewError when the server has none of that name."""
    known = workspaces(server)
    if workspace not in known:
        names = ", ".join(sorted(known)) or "none"
        raise ReviewError(f"{server.url}: no workspace {workspace!r} (there are: {names}); mend review.workspace, or push first")
    return known[workspace]


def datasets(server: ReviewServer, workspace: str) -> dict[str, str]:
    """Names and ids of the published datasets of a workspace, given by its id."""
    items = call(server, "GET", "/api/v1/me/datasets")["items"]
    mine = (item for item in items if item["workspace_id"] == workspace and item["status"] == "ready")
    return {str(item["name"]): str(item["id"]) for item in mine}
