"""The headers that every answer carries. Plain ASGI, so that event streams flow through unbuffered."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def security_headers(app: ASGIApp) -> ASGIApp:
    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", _cache_rule(headers))
            await send(message)

        await app(scope, receive, send_secured)

    return secured


def _cache_rule(headers: MutableHeaders) -> str:
    """Static files are kept and asked about again (ETag); pages and answers about jobs are not kept at all."""
    is_page = headers.get("Content-Type", "").startswith("text/html")
    return "no-cache" if "ETag" in headers and not is_page else "no-store"
