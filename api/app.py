"""Assembly: settings, a queue and a shelf become the web application."""

from collections.abc import Callable
from datetime import datetime

from anyio import CapacityLimiter
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware

from api import (
    admin,
    deletion,
    exhibits,
    gallery,
    health,
    mail_events,
    me,
    mine,
    orders,
    results,
    sign_in,
    start_images,
    unsubscribe,
    watching,
)
from api.body_limit import body_limit
from api.deps import APP_CHECK, BEARER
from api.errors import BadInput, add_error_handlers
from api.gate import Gate
from api.metrics import add_metrics, count_requests
from api.pages import add_pages
from api.painters import Roster
from api.recent import Recent
from api.security import security_headers
from api.settings import ApiSettings
from api.tickets import Tickets
from api.visitors import Cookies, welcome
from jobs import Queue, Shelf
from jobs.life import utc_now

MAX_BODY = 64 * 1024  # bytes of JSON or form, and of what a form adds around a start image
DECODERS = 2  # pictures decoded at a time: one of 16 megapixels can take 200 MB

DESCRIPTION = """
Text2Art paints a picture from a sentence, and a film of its making, and sends them by mail.

Order with `POST /generate` (a form) or `POST /api/jobs` (JSON), then follow the job by the id in the answer.
Who knows a job's id may see the job; nobody sees the address it was ordered with.
"""


def create_app(
    settings: ApiSettings,
    queue: Queue,
    shelf: Shelf,
    *,
    gate: Gate | None = None,
    registry: CollectorRegistry | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The API, the page and the docs over this queue and this shelf, which the caller closes.

    Without a gate nobody signs in; with one that knows accounts there are the administrators' routes too. What is
    counted goes into the registry.
    """
    app = FastAPI(
        title="Text2Art",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses={422: {"model": BadInput, "description": "Some fields are not as they must be."}},
    )
    app.state.settings, app.state.queue, app.state.shelf = settings, queue, shelf
    app.state.recent = Recent(queue)
    app.state.roster = Roster(queue)
    app.state.cookies = Cookies(queue, secure=settings.public_url is not None and settings.public_url.scheme == "https")
    app.state.tickets = Tickets(queue, clock)
    app.state.readiness = health.Readiness(queue, shelf)
    app.state.gate = gate or Gate()
    app.state.clock = clock
    app.state.decoders = CapacityLimiter(DECODERS)
    signing_in = app.state.gate.verify is not None
    for module in (orders, start_images, watching, gallery, me):
        app.include_router(module.router, dependencies=[BEARER] if signing_in else [])
    for module in (results, health, exhibits, mine, sign_in, deletion, unsubscribe, *([admin] if signing_in else [])):
        app.include_router(module.router)
    if settings.mailgun_signing_key is not None:
        app.state.mail_tokens = mail_events.Tokens(clock)
        app.include_router(mail_events.router)
    add_pages(app)
    add_error_handlers(app)
    registry = registry or CollectorRegistry()
    add_metrics(app, queue, registry, settings.metrics_token)
    app.add_middleware(body_limit, limits={start_images.PATH: start_images.MAX_BYTES + MAX_BODY}, otherwise=MAX_BODY)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Content-Type", "Range", "Authorization", APP_CHECK],
        expose_headers=["Content-Range", "Retry-After"],
    )
    app.add_middleware(welcome, cookies=app.state.cookies)
    app.add_middleware(security_headers, pictures_from=shelf.link_origin)
    app.add_middleware(count_requests, registry=registry)
    return app
