"""Signing in on our page, by a mailed link or at Google: pages that need no script, and nobody else's code.

Firebase tells who somebody is (`api.providers`), the gate whether he may come in, and our own cookie that he did. No
link signs in by being followed, but Google's, which only the browser that went there can use: it brings a ticket.
A link from a mail asks once more, since mail programs follow links too; on the browser that asked for it a button is
enough, elsewhere the address must be typed, so that a stranger's link signs nobody in as that stranger.

Links are mailed as often as Firebase allows for all visitors together; how many one visitor asks for is not counted.
"""

from typing import Annotated, cast
from urllib.parse import urlencode

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import ON_OUR_PAGE, CookiesDep, GateDep, SettingsDep, SiteDep, VisitorDep
from api.gate import Gate
from api.providers import Attempt, Google, Toolkit
from api.refusals import PageRoute
from api.rendering import render
from api.settings import ApiSettings, SignIn
from api.tickets import Tickets
from api.visitors import Cookies, Visitor, newcomer

LINK, GOOGLE, HOME = "/sign-in/link", "/sign-in/google/return", "/mine"

_FOREIGN = "This was begun in another browser, or too long ago, or cookies are switched off; please begin again."


class _Page(PageRoute):
    template = "sign_in.html"


router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=_Page)


def _tickets(request: Request) -> Tickets:
    return cast(Tickets, request.app.state.tickets)


def _traveller(request: Request, visitor: VisitorDep) -> Visitor:
    """Who is to be known again when he comes back. Only for requests that our own page sent."""
    known = visitor or newcomer(request)
    assert known is not None
    return known


def _toolkit(gate: GateDep, settings: SettingsDep) -> Toolkit:
    if gate.toolkit is None or not settings.ways_on_page:
        raise HTTPException(404, "Nobody signs in here.")
    return gate.toolkit


def _mailing(toolkit: "ToolkitDep", settings: SettingsDep) -> Toolkit:
    if SignIn.EMAIL not in settings.ways_on_page:
        raise HTTPException(404, "Nobody signs in by mail here.")
    return toolkit


def _google(gate: GateDep, settings: SettingsDep) -> Google:
    if gate.google is None or SignIn.GOOGLE not in settings.ways_on_page:
        raise HTTPException(404, "Nobody signs in with Google here.")
    return gate.google


TicketsDep = Annotated[Tickets, Depends(_tickets)]
TravellerDep = Annotated[Visitor, Depends(_traveller)]
ToolkitDep = Annotated[Toolkit, Depends(_toolkit)]
MailingDep = Annotated[Toolkit, Depends(_mailing)]
GoogleDep = Annotated[Google, Depends(_google)]


@router.api_route("/sign-in", methods=["GET", "HEAD"])
def offer(request: Request, settings: SettingsDep, visitor: VisitorDep) -> HTMLResponse:
    """The ways of signing in, or of signing out again."""
    if visitor is not None and visitor.account is not None:
        return render(request, "sign_in.html", state="in")
    if not settings.ways_on_page:
        return render(request, "sign_in.html", 404, state="nowhere")
    return _offer(request, settings)


@router.post("/sign-in/email", dependencies=[ON_OUR_PAGE])
def mail_link(
    request: Request,
    toolkit: MailingDep,
    settings: SettingsDep,
    tickets: TicketsDep,
    visitor: TravellerDep,
    site: SiteDep,
    email: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Have a link mailed. The answer is the same whether there is an account or not."""
    address = _address(email)
    if address is None:
        return _offer(request, settings, problem=True)
    ticket = tickets.seal("link", visitor, address=address)
    toolkit.send_link(address, f"{site}{LINK}?{urlencode({'ticket': ticket})}")
    return render(request, "sign_in.html", state="sent")


@router.api_route(LINK, methods=["GET", "HEAD"], dependencies=[Depends(_mailing)])
def come_by_link(
    request: Request, tickets: TicketsDep, visitor: VisitorDep, oobCode: str = "", ticket: str = ""
) -> HTMLResponse:
    """Where the mailed link leads: nobody is signed in yet."""
    return _ask(request, oobCode, ticket, known=_sent_to(tickets, ticket, visitor) is not None)


@router.post(LINK, dependencies=[ON_OUR_PAGE])
def enter_by_link(
    request: Request,
    toolkit: MailingDep,
    gate: GateDep,
    tickets: TicketsDep,
    cookies: CookiesDep,
    visitor: VisitorDep,
    code: Annotated[str, Form()] = "",
    ticket: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """The button there."""
    address = _sent_to(tickets, ticket, visitor) or _address(email)
    if address is None or not code:
        return _ask(request, code, ticket, known=False, problem=True)
    return _enter(gate, cookies, visitor, toolkit.by_link(address, code))


@router.get("/sign-in/google")
def go_to_google(google: GoogleDep, tickets: TicketsDep, visitor: TravellerDep, site: SiteDep) -> Response:
    """To Google, with a ticket to come back."""
    attempt = Attempt.new()
    ticket = tickets.seal("google", visitor, verifier=attempt.verifier, nonce=attempt.nonce)
    return RedirectResponse(google.consent_url(attempt, ticket, f"{site}{GOOGLE}"), 302)


@router.get(GOOGLE)
def come_from_google(
    google: GoogleDep,
    toolkit: ToolkitDep,
    gate: GateDep,
    tickets: TicketsDep,
    cookies: CookiesDep,
    visitor: VisitorDep,
    site: SiteDep,
    state: str = "",
    code: str = "",
    error: str = "",
) -> Response:
    """Back from Google, by its link."""
    kept = tickets.open(state, "google", visitor)
    if kept is None:
        raise HTTPException(403, _FOREIGN)
    if error or not code:
        raise HTTPException(403, "Google did not sign you in. You can try again, or another way.")
    attempt = Attempt(**kept)
    token = google.redeem(code, attempt, f"{site}{GOOGLE}")
    return _enter(gate, cookies, visitor, toolkit.by_google(token, attempt.nonce, site))


@router.post("/sign-out", dependencies=[ON_OUR_PAGE])
def sign_out(cookies: CookiesDep, visitor: VisitorDep) -> Response:
    """This browser is again who it was before."""
    answer = RedirectResponse(HOME, 303)
    cookies.sign_out(answer, visitor)
    return answer


def _enter(gate: Gate, cookies: Cookies, visitor: Visitor | None, token: str) -> Response:
    account = gate.account(token)
    assert account is not None, "who has a toolkit verifies"
    answer = RedirectResponse(HOME, 303)
    cookies.set_account(answer, account.uid, visitor)
    return answer


def _offer(request: Request, settings: ApiSettings, *, problem: bool = False) -> HTMLResponse:
    status = 422 if problem else 200
    return render(request, "sign_in.html", status, state="ways", ways=settings.ways_on_page, problem=problem)


def _ask(request: Request, code: str, ticket: str, *, known: bool, problem: bool = False) -> HTMLResponse:
    if not code:
        raise HTTPException(400, "This link is not whole; please ask for a new one.")
    status = 422 if problem else 200
    values = {"code": code, "ticket": ticket, "known": known, "problem": problem, "path": LINK}
    return render(request, "sign_in.html", status, state="link", **values)


def _sent_to(tickets: Tickets, ticket: str, visitor: Visitor | None) -> str | None:
    """The address that this browser had a link sent to."""
    kept = tickets.open(ticket, "link", visitor)
    return kept["address"] if kept else None


def _address(text: str) -> str | None:
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None
