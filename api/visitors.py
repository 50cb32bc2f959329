"""Visitors: who asks. An account, by its ID token or by a cookie; else a browser, by a random id in that cookie.

A browser is given its cookie when it orders, likes or reports, so that it finds again what is its own; never for
looking. An account's is for what sends no token: event streams, and pages that are opened. No cookie makes an
administrator.

What keeps another site from acting in a visitor's name: SameSite=Lax, by which its forms and scripts do not bring the
cookie along; a link does, but following links changes nothing here. And Sec-Fetch-Site, where the browser sends it: a
change that does not come from our own pages is a stranger's. Its cookie is not looked at, for a site beside ours under
the same domain is none of ours; and it is given none, for that would take the place of the visitor's own. The header
Origin would tell nothing more: from our own forms it is `null`, by our Referrer-Policy.
"""

import re
import secrets
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Self

import jwt
from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.gate import BROWSER, Account
from jobs import Job, Queue
from jobs.life import utc_now

COOKIE = "__session"  # the only one that Firebase Hosting lets through
BROWSER_LIFE, ACCOUNT_LIFE = timedelta(days=365), timedelta(days=7)

_LONGEST = 700  # characters; ours have at most 390, as uids have at most 128
_BROWSER_ID = re.compile(rf"{BROWSER}[A-Za-z0-9_-]{{22}}")
_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Visitor:
    """Who asks: `id` is an account's uid or a browser's id; `account` is None for a browser.

    Of who is signed in by a cookie it tells which browser that was before, where it was known.
    """

    id: str
    account: Account | None = None
    by_cookie: bool = field(default=False, compare=False)
    browser: str | None = field(default=None, compare=False)

    def ordered(self, job: Job) -> bool:
        return job.owner == self.id


def is_browser(id: str | None) -> bool:
    """Whether this is a browser's id, and no account's uid."""
    return id is not None and id.startswith(BROWSER)


def is_foreign(request: Request) -> bool:
    """Whether the request would change something and its browser says that another site sent it."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return request.method not in _READING and site not in ("same-origin", "none")


def newcomer(request: Request) -> Visitor | None:
    """A visitor with a new id, which the answer gives to the browser; None for another site's request."""
    if is_foreign(request):
        return None
    request.state.newcomer = f"{BROWSER}{secrets.token_urlsafe(16)}"
    return Visitor(request.state.newcomer)


class Cookies:
    """Cookies signed by a key that all who share the queue have. Raise what the queue raises when it must be asked."""

    def __init__(self, queue: Queue, *, secure: bool) -> None:
        self._key, self._secure = cache(lambda: queue.secret("cookie")), secure

    def to(self, browser: HTTPConnection) -> Self:
        """The same cookies, which go over https alone if this browser came by it."""
        ours = copy(self)
        ours._secure = self._secure or _came_by_https(browser)
        return ours

    def visitor(self, cookie: str) -> Visitor | None:
        """Whom the cookie names; None for one that is not ours, or is over."""
        if not 0 < len(cookie) <= _LONGEST:
            return None
        try:
            claims = jwt.decode(cookie, self._key(), ["HS256"], {"require": ["sub", "kind", "exp"]})
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None
        return _named(claims)

    def set_browser(self, response: Response, id: str) -> None:
        """From now on the browser is known by this id. Raises ValueError for what is no browser's id."""
        if not _BROWSER_ID.fullmatch(id):
            raise ValueError("not the id of a browser")
        self._set(response, id, "browser", BROWSER_LIFE)

    def set_account(self, response: Response, uid: str, before: Visitor | None = None) -> None:
        """From now on the browser is signed in; who it was before is kept for when it signs out. Raises ValueError for
        what is no account's uid."""
        if not uid or is_browser(uid):
            raise ValueError("not the uid of an account")
        browser = before and (before.browser if before.account else before.id)
        self._set(response, uid, "account", ACCOUNT_LIFE, **({"browser": browser} if browser else {}))

    def sign_out(self, response: Response, visitor: Visitor | None) -> None:
        """From now on the browser is who it was before it signed in."""
        if visitor is not None and visitor.browser is not None:
            self.set_browser(response, visitor.browser)
        else:
            self.clear(response)

    def clear(self, response: Response) -> None:
        """From now on the browser is a stranger."""
        response.delete_cookie(COOKIE, secure=self._secure, httponly=True, samesite="lax")

    def _set(self, response: Response, id: str, kind: str, life: timedelta, **more: str) -> None:
        value = jwt.encode({"sub": id, "kind": kind, "exp": utc_now() + life, **more}, self._key(), "HS256")
        age_s = int(life.total_seconds())
        response.set_cookie(COOKIE, value, age_s, secure=self._secure, httponly=True, samesite="lax")


def _came_by_https(browser: HTTPConnection) -> bool:
    """As the server knows, or a proxy before it says. Who says so himself only gets a stricter cookie."""
    said = browser.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    return "https" in (browser.url.scheme, said)


def _named(claims: dict[str, Any]) -> Visitor | None:
    match claims:
        case {"kind": "browser", "sub": str(id)} if _BROWSER_ID.fullmatch(id):
            return Visitor(id)
        case {"kind": "account", "sub": str(uid)} if uid and not is_browser(uid):
            return Visitor(uid, Account(uid), by_cookie=True, browser=_browser(claims.get("browser")))
    return None


def _browser(id: object) -> str | None:
    return id if isinstance(id, str) and _BROWSER_ID.fullmatch(id) else None


def welcome(app: ASGIApp, cookies: Cookies) -> ASGIApp:
    """Give newcomers their cookie with whatever kind of answer a route makes; a refusal brings none.

    Plain ASGI: what a dependency writes into FastAPI's own response is lost where a route answers with another.
    """

    async def welcoming(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and "newcomer" in state:
                given = Response()
                cookies.to(HTTPConnection(scope)).set_browser(given, state["newcomer"])
                MutableHeaders(scope=message).append("Set-Cookie", given.headers["Set-Cookie"])
            await send(message)

        await app(scope, receive, send_with_cookie)

    return welcoming
