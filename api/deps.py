"""What routes ask for by type: what `create_app` was given, and who is asking."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, HTTPException, Path, Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from api.errors import documented
from api.gate import Account, Gate, NotOurPage, NotSignedIn
from api.painters import Roster
from api.recent import Recent
from api.settings import ApiSettings
from api.views import EXAMPLE, Onlooker
from api.visitors import COOKIE, Cookies, Visitor, is_foreign, newcomer
from jobs import Queue, Shelf

APP_CHECK = "X-Firebase-AppCheck"

# Only for the docs, which then know where to send a token.
BEARER = Depends(HTTPBearer(auto_error=False, bearerFormat="JWT", description="An ID token of Firebase Auth."))

_ELSEWHERE = "Please do this on our own page."

guarded = documented(401, "A token is needed here and is missing, or it was refused.")

JobId = Annotated[str, Path(description="The id that the order was answered with.", examples=[EXAMPLE["id"]])]


def _settings(request: Request) -> ApiSettings:
    return cast(ApiSettings, request.app.state.settings)


def _queue(request: Request) -> Queue:
    return cast(Queue, request.app.state.queue)


def _recent(request: Request) -> Recent:
    return cast(Recent, request.app.state.recent)


def _roster(request: Request) -> Roster:
    return cast(Roster, request.app.state.roster)


def _shelf(request: Request) -> Shelf:
    return cast(Shelf, request.app.state.shelf)


def _clock(request: Request) -> Callable[[], datetime]:
    return cast(Callable[[], datetime], request.app.state.clock)


def _decoders(request: Request) -> CapacityLimiter:
    return cast(CapacityLimiter, request.app.state.decoders)


def _gate(request: Request) -> Gate:
    return cast(Gate, request.app.state.gate)


def _cookies(request: Request) -> Cookies:
    return cast(Cookies, request.app.state.cookies).to(request)


def _site(request: Request) -> str:
    known = request.app.state.settings.public_url
    return str(known or request.base_url).rstrip("/")


SettingsDep = Annotated[ApiSettings, Depends(_settings)]
QueueDep = Annotated[Queue, Depends(_queue)]
RecentDep = Annotated[Recent, Depends(_recent)]
RosterDep = Annotated[Roster, Depends(_roster)]
ShelfDep = Annotated[Shelf, Depends(_shelf)]
ClockDep = Annotated[Callable[[], datetime], Depends(_clock)]
DecodersDep = Annotated[CapacityLimiter, Depends(_decoders)]
GateDep = Annotated[Gate, Depends(_gate)]
CookiesDep = Annotated[Cookies, Depends(_cookies)]
SiteDep = Annotated[str, Depends(_site)]  # where visitors reach the page, as "https://art.example.com"


# Who is asking. Plain functions, which FastAPI runs in threads: a token may mean a question to Google.


def _visitor(request: Request, gate: GateDep, cookies: CookiesDep) -> Visitor | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    account = gate.account(token) if scheme.lower() == "bearer" else None
    if account is not None:
        return Visitor(account.uid, account)
    visitor = None if is_foreign(request) else cookies.visitor(request.cookies.get(COOKIE, ""))
    if visitor is not None and visitor.account is not None and gate.verify is None:
        return None  # a cookie from when visitors signed in here
    return visitor


VisitorDep = Annotated[Visitor | None, Depends(_visitor)]  # None: not known; looking gives nobody a cookie


def _still_there(visitor: VisitorDep, gate: GateDep) -> Visitor | None:
    """An account's cookie lives longer than a token does, and may outlive the account."""
    if visitor is not None and visitor.by_cookie and gate.stands is not None and not gate.stands(visitor.id):
        raise NotSignedIn("Your account is no longer there; please sign in again.")
    return visitor


StandingDep = Annotated[Visitor | None, Depends(_still_there)]  # for those who do more than look


def _known(request: Request, visitor: StandingDep) -> Visitor:
    known = visitor or newcomer(request)
    if known is None:
        raise HTTPException(403, _ELSEWHERE)
    return known


KnownDep = Annotated[Visitor, Depends(_known)]  # who is not known yet is given a cookie


def _may_order(visitor: StandingDep, gate: GateDep) -> Visitor | None:
    if gate.required and (visitor is None or visitor.account is None):
        raise NotSignedIn("Please sign in first.")
    return visitor


MAY_ORDER = Depends(_may_order)


def _customer(request: Request, visitor: Annotated[Visitor | None, MAY_ORDER]) -> Visitor | None:
    return visitor or newcomer(request)


CustomerDep = Annotated[Visitor | None, Depends(_customer)]  # None only for a form on another site's page


def only_admins(visitor: VisitorDep) -> Account:
    if visitor is None or visitor.account is None:
        raise NotSignedIn("Please sign in as an administrator.")
    if not visitor.account.is_admin:
        raise HTTPException(403, "This account does not administer Text2Art.")
    return visitor.account


AdminDep = Annotated[Account, Depends(only_admins)]


def _onlooker(recent: RecentDep, roster: RosterDep, clock: ClockDep, visitor: VisitorDep) -> Onlooker:
    return Onlooker(recent, roster, clock, visitor)


OnlookerDep = Annotated[Onlooker, Depends(_onlooker)]  # to see jobs with the visitor's eyes


def _on_our_page(request: Request) -> None:
    if is_foreign(request):
        raise HTTPException(403, _ELSEWHERE)


ON_OUR_PAGE = Depends(_on_our_page)  # for forms that need no cookie to do harm, as one that signs somebody in


def _from_our_page(request: Request, gate: GateDep) -> None:
    if gate.attest is None:
        return
    token = request.headers.get(APP_CHECK)
    if token is None:
        raise NotOurPage("Please use our page: requests from elsewhere are not accepted.")
    gate.attest(token)


FROM_OUR_PAGE = Depends(_from_our_page)  # where App Check is on; else anybody may send the request
