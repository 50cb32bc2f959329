"""A stand-in for Mailgun on this machine: `with standing_in() as mailgun:`, then TEXT2ART_MAILGUN_URL=mailgun.url.

It takes letters as https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages describes, and is
stricter on purpose: fields that Mailgun does not know, files without a name and inline pictures that the HTML does not
show are refused. It expands `%variables%` and `{{templates}}` in what it is sent, as Mailgun may. It keeps what it
took in `messages` and tells of it at /events. What it answers can be planned, an answer per request: `mailgun.plan`.

The words of its errors are from memory and from Mailgun's documentation, not recorded from the service.
"""

import base64
import hmac
import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Any

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

LARGEST = 25 * 1024 * 1024  # bytes, of a whole message
MOST_OPTIONS = 16 * 1024  # bytes, of all h:, o: and v: fields
FIELDS = {"from", "to", "cc", "bcc", "subject", "text", "html", "amp-html", "attachment", "inline", "template"}
OPTIONS = {
    "o:tag",
    "o:testmode",
    "o:dkim",
    "o:deliverytime",
    "o:tracking",
    "o:tracking-clicks",
    "o:tracking-opens",
    "o:require-tls",
    "o:skip-verification",
}
_BUILT_IN = r"%(recipient|recipient_[a-z]+|recipient\.\w+|(?:mailing_list_|tag_)?unsubscribe_url)%"


@dataclass(frozen=True)
class Message:
    """A letter as its reader gets it."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    inline: dict[str, bytes]
    attachments: dict[str, bytes]
    headers: dict[str, str]
    variables: dict[str, str]
    tags: list[str]
    options: dict[str, str]
    at: float


@dataclass(frozen=True)
class Plan:
    """What one request is answered with; with `accept`, the letter is taken all the same, as Mailgun does at times."""

    status: int
    body: str | None = None  # None: a JSON message
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    hang: bool = False  # no answer until the stand-in ends


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


@dataclass
class Mailgun:
    """The stand-in. `key` may do everything, `sending_key` only send."""

    url: str
    domain: str = "mg.example.com"
    key: str = "key-of-the-account"
    sending_key: str = "key-for-sending"
    messages: list[Message] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # "POST /v3/..." and so on, in their order
    plan: deque[Plan] = field(default_factory=deque)  # for the next requests, whatever they ask
    over: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.time  # seconds since 1970

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3/{domain}/messages", self._answer_message, methods=["POST"]),
                Route("/v3/{domain}/events", self._answer_events),
                Route(
                    "/{path:path}",
                    lambda request: PlainTextResponse("Mailgun Magnificent API"),
                    methods=["GET", "POST"],
                ),
            ]
        )

    async def _answer_message(self, request: Request) -> Response:
        return await self._as_planned(request, self._take)

    async def _answer_events(self, request: Request) -> Response:
        return await self._as_planned(request, self._tell)

    async def _as_planned(self, request: Request, answer: Any) -> Response:
        self.requests.append(f"{request.method} {request.url.path}")
        plan = self.plan.popleft() if self.plan else None
        try:
            self._let_in(request, (self.key,) if answer == self._tell else (self.key, self.sending_key))
            usual = await answer(request) if plan is None or plan.accept else None
        except Refused as refused:
            usual = JSONResponse({"message": refused.message}, refused.status)
        if plan is None:
            return usual
        while plan.hang and not self.over.is_set():
            await anyio.sleep(0.01)
        body = plan.body if plan.body is not None else json.dumps({"message": f"planned {plan.status}"})
        return Response(body, plan.status, plan.headers)

    def _let_in(self, request: Request, keys: tuple[str, ...]) -> None:
        accepted = {"Basic " + base64.b64encode(f"api:{key}".encode()).decode() for key in keys}
        if request.headers.get("Authorization") not in accepted:
            raise Refused(401, "Forbidden")
        if request.path_params["domain"] != self.domain:
            raise Refused(404, f"Domain not found: {request.path_params['domain']}")

    async def _take(self, request: Request) -> Response:
        if int(request.headers.get("Content-Length", LARGEST + 1)) > LARGEST:
            raise Refused(413, "Request Entity Too Large")
        async with request.form(max_part_size=LARGEST) as form:
            message = await _read(form, f"<{len(self.messages)}.{id(form)}@{self.domain}>", self.clock())
        self.messages.append(message)
        return JSONResponse({"id": message.id, "message": "Queued. Thank you."})

    async def _tell(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := set(asked) - {"begin", "end", "ascending", "limit", "event", "recipient", "message-id", "tags"}:
            raise Refused(400, f"unknown filter {unknown}")
        if "begin" in asked and "end" not in asked and "ascending" not in asked:
            raise Refused(400, "ascending is needed where only one end of the time is given")
        found = [
            _event(message)
            for message in self.messages
            if message.at >= float(asked.get("begin", 0))
            and asked.get("recipient", message.to) == message.to
            and asked.get("event", "accepted") == "accepted"
        ]
        return JSONResponse({"items": found[: int(asked.get("limit", 100))], "paging": {}})


@contextmanager
def standing_in() -> Iterator[Mailgun]:
    """Serve from a thread while the block runs."""
    listening = socket.create_server(("127.0.0.1", 0))  # listens at once, so that nothing must be waited for
    mailgun = Mailgun(f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(mailgun.app(), log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, args=([listening],), name="mailgun")
    thread.start()
    try:
        yield mailgun
    finally:
        mailgun.over.set()
        server.should_exit = True
        thread.join()
        listening.close()


def report(
    signing_key: str, event: str, recipient: str, *, at: float, token: str = "a" * 50, **more: object
) -> dict[str, Any]:
    """What Mailgun posts to a webhook, signed. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks"""
    timestamp = f"{at:.0f}"
    signature = hmac.new(signing_key.encode(), f"{timestamp}{token}".encode(), "sha256").hexdigest()
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": {"event": event, "recipient": recipient, "timestamp": at, "id": "an-event", **more},
    }


async def _read(form: FormData, id: str, at: float) -> Message:
    _check_names(form)
    texts = {name: form[name] for name in ("subject", "text", "html")}
    to = _one_address(form, "to")
    variables = {name[2:]: str(value) for name, value in form.multi_items() if name.startswith("v:")}
    message = Message(
        id=id,
        sender=_one_address(form, "from", whole=True),
        to=to,
        **{name: expanded(str(text), to, variables) for name, text in texts.items()},
        inline=await _files(form, "inline"),
        attachments=await _files(form, "attachment"),
        headers={name[2:]: str(value) for name, value in form.multi_items() if name.startswith("h:")},
        variables=variables,
        tags=[str(tag) for tag in form.getlist("o:tag")],
        options={name: str(value) for name, value in form.multi_items() if name in OPTIONS - {"o:tag"}},
        at=at,
    )
    _check(message)
    return message


def _check_names(form: FormData) -> None:
    for name in form:
        if name not in FIELDS | OPTIONS and not re.fullmatch(r"[hv]:[A-Za-z0-9_-]+", name):
            raise Refused(400, f"unknown parameter: {name}")
    for name in ("from", "to", "subject", "text", "html"):
        if len(form.getlist(name)) != 1:
            raise Refused(400, f"'{name}' parameter is missing, or there is more than one")
    options = sum(len(str(value)) for name, value in form.multi_items() if name[1:2] == ":")
    if options > MOST_OPTIONS:
        raise Refused(400, "Send options (parameters starting with o:, h:, or v:) are limited to 16 kB total")


def _one_address(form: FormData, name: str, whole: bool = False) -> str:
    given = str(form[name])
    addresses = [address for _, address in getaddresses([given]) if re.fullmatch(r"[^@\s]+@[\w.-]+\.\w+", address)]
    if len(addresses) != 1 or "," in given or "\n" in given or "\r" in given:
        raise Refused(400, f"'{name}' parameter is not a valid address. please check documentation")
    return given if whole else addresses[0]


async def _files(form: FormData, name: str) -> dict[str, bytes]:
    found = {}
    for file in form.getlist(name):
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refused(400, f"'{name}' has no file name")
        found[file.filename] = await file.read()
    return found


def _check(message: Message) -> None:
    for name in message.inline:
        if f"cid:{name}" not in message.html:
            raise Refused(400, f"'inline' {name} is not in the HTML")
    if len(message.tags) > 10 or not all(tag.isascii() and len(tag) <= 128 for tag in message.tags):
        raise Refused(400, "tags are up to ten, of up to 128 ASCII characters")
    for name, value in message.options.items():
        if value not in ("yes", "no", "true", "false"):
            raise Refused(400, f"'{name}' is yes or no")
    for name, value in message.headers.items():
        if "\n" in value or "\r" in value:
            raise Refused(400, f"header {name} has more than one line")


def expanded(text: str, to: str, variables: dict[str, str]) -> str:
    """The text with Mailgun's own variables, and the letter's, put in."""

    def built_in(found: re.Match[str]) -> str:
        return "https://mailgun.example/u/secret" if found[1].endswith("url") else to

    text = re.sub(_BUILT_IN, built_in, text)
    return re.sub(r"\{\{\{?\s*([^{}]*?)\s*\}\}\}?", lambda found: variables.get(found[1], ""), text)


def _event(message: Message) -> dict[str, Any]:
    return {
        "event": "accepted",
        "id": f"event-of-{message.id}",
        "timestamp": message.at,
        "recipient": message.to,
        "user-variables": message.variables,
        "tags": message.tags,
        "message": {"headers": {"message-id": message.id.strip("<>"), "to": message.to, "subject": message.subject}},
        "flags": {"is-test-mode": message.options.get("o:testmode") in ("yes", "true")},
    }
