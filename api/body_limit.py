"""A cap on request bodies that works while they stream in.

Starlette's own middleware refuses in plain text and outside CORS, where our page could not read the reason.
"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def body_limit(app: ASGIApp, limits: Mapping[str, int], otherwise: int) -> ASGIApp:
    """Refuse with 413 what is larger than the path's limit, or than `otherwise`, in bytes."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        limit = limits.get(scope.get("path", ""), otherwise)
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, f"The request is too large; at most {limit} bytes are accepted.")
            return message

        await app(scope, receive_limited, send)

    return limited
