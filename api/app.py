"""Assembly: settings, a queue and a shelf become the web application."""

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import files, gallery, health, orders, start_images, watching
from api.body_limit import body_limit
from api.errors import BadInput, add_error_handlers
from api.pages import add_pages
from api.security import security_headers
from api.settings import ApiSettings
from jobs import Queue, Shelf

MAX_BODY = 64 * 1024  # bytes of JSON or form, and of what a form adds around a start image
DECODERS = 2  # pictures decoded at a time: one of 16 megapixels can take 200 MB

DESCRIPTION = """
Text2Art paints a picture from a sentence, and a film of its making, and sends them by mail.

Order with `POST /generate` (a form) or `POST /api/jobs` (JSON), then follow the job by the id in the answer.
Who knows a job's id may see the job; nobody sees the address it was ordered with.
"""


def create_app(settings: ApiSettings, queue: Queue, shelf: Shelf) -> FastAPI:
    """The API, the page and the docs over this queue and this shelf, which the caller closes."""
    app = FastAPI(
        title="Text2Art",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses={422: {"model": BadInput, "description": "Some fields are not as they must be."}},
    )
    app.state.settings, app.state.queue, app.state.shelf = settings, queue, shelf
    app.state.decoders = CapacityLimiter(DECODERS)
    for module in (orders, start_images, watching, files, gallery, health):
        app.include_router(module.router)
    add_pages(app)
    add_error_handlers(app)
    app.add_middleware(body_limit, limits={start_images.PATH: start_images.MAX_BYTES + MAX_BODY}, otherwise=MAX_BODY)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Range"],
        expose_headers=["Content-Range", "Retry-After"],
    )
    app.add_middleware(security_headers)
    return app
