"""The headers that every answer carries. Plain ASGI, so that event streams flow through unbuffered."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def policy(pictures_from: str | None = None) -> str:
    """What our pages may load: our own files alone, and pictures and films from one more origin where there is one."""
    also = f" {pictures_from}" if pictures_from else ""
    rules = (
        "default-src 'self'",
        f"img-src 'self' data: blob:{also}",
        f"media-src 'self'{also}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return "; ".join(rules)


SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # for a picture that could hold scripts: SVG

HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def security_headers(app: ASGIApp, pictures_from: str | None = None) -> ASGIApp:
    ours = HEADERS | {"Content-Security-Policy": policy(pictures_from)}

    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)  # a route may be stricter
                headers.setdefault("Cache-Control", _cache_rule(headers))
            await send(message)

        await app(scope, receive, send_secured)

    return secured


def _cache_rule(headers: MutableHeaders) -> str:
    """Static files are kept and asked about again (ETag); pages and answers about jobs are not kept at all."""
    is_page = headers.get("Content-Type", "").startswith("text/html")
    return "no-cache" if "ETag" in headers and not is_page else "no-store"
