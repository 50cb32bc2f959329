"""What routes ask for by type: what `create_app` was given, and who is asking."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, cast

from anyio import CapacityLimiter
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from api.errors import Message
from api.gate import Account, Gate, NotOurPage, NotSignedIn
from api.recent import Recent
from api.settings import ApiSettings
from jobs import Queue, Shelf

APP_CHECK = "X-Firebase-AppCheck"

# Only for the docs, which then know where to send a token.
BEARER = Depends(HTTPBearer(auto_error=False, bearerFormat="JWT", description="An ID token of Firebase Auth."))

guarded: dict[int | str, dict[str, Any]] = {
    401: {"model": Message, "description": "A token is needed here and is missing, or it was refused."}
}


def _settings(request: Request) -> ApiSettings:
    return cast(ApiSettings, request.app.state.settings)


def _queue(request: Request) -> Queue:
    return cast(Queue, request.app.state.queue)


def _recent(request: Request) -> Recent:
    return cast(Recent, request.app.state.recent)


def _shelf(request: Request) -> Shelf:
    return cast(Shelf, request.app.state.shelf)


def _clock(request: Request) -> Callable[[], datetime]:
    return cast(Callable[[], datetime], request.app.state.clock)


def _decoders(request: Request) -> CapacityLimiter:
    return cast(CapacityLimiter, request.app.state.decoders)


def _gate(request: Request) -> Gate:
    return cast(Gate, request.app.state.gate)


SettingsDep = Annotated[ApiSettings, Depends(_settings)]
QueueDep = Annotated[Queue, Depends(_queue)]
RecentDep = Annotated[Recent, Depends(_recent)]
ShelfDep = Annotated[Shelf, Depends(_shelf)]
ClockDep = Annotated[Callable[[], datetime], Depends(_clock)]
DecodersDep = Annotated[CapacityLimiter, Depends(_decoders)]
GateDep = Annotated[Gate, Depends(_gate)]


# Who is asking. Plain functions, which FastAPI runs in threads: a token may mean a question to Google.


def _visitor(request: Request, gate: GateDep) -> Account | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    return gate.account(token) if scheme.lower() == "bearer" else None


VisitorDep = Annotated[Account | None, Depends(_visitor)]  # None: not signed in


def _customer(visitor: VisitorDep, gate: GateDep) -> Account | None:
    if visitor is None and gate.required:
        raise NotSignedIn("Please sign in first.")
    return visitor


MAY_ORDER = Depends(_customer)
CustomerDep = Annotated[Account | None, MAY_ORDER]  # None only where nobody needs to sign in


def only_admins(visitor: VisitorDep) -> Account:
    if visitor is None:
        raise NotSignedIn("Please sign in as an administrator.")
    if not visitor.is_admin:
        raise HTTPException(403, "This account does not administer Text2Art.")
    return visitor


AdminDep = Annotated[Account, Depends(only_admins)]


def _from_our_page(request: Request, gate: GateDep) -> None:
    if gate.attest is None:
        return
    token = request.headers.get(APP_CHECK)
    if token is None:
        raise NotOurPage("Please use our page: requests from elsewhere are not accepted.")
    gate.attest(token)


FROM_OUR_PAGE = Depends(_from_our_page)  # where App Check is on; else anybody may send the request
