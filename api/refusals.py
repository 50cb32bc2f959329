"""Routes of pages, on which a refusal is a page too: who pressed a button there is not to read JSON."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.errors import STATUS, as_refusal
from api.pages import lost
from api.rendering import render

ILL_FORMED = "Something in the address or the form is not as it must be."


class PageRoute(APIRoute):
    """Its `template` is given the state "failed", and `words`."""

    template = "refused.html"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except HTTPException as refusal:
                return self._page(request, refusal)
            except RequestValidationError:
                return self._page(request, HTTPException(422, ILL_FORMED))
            except tuple(STATUS) as error:
                told = as_refusal(error)
                return lost() if told.status_code == 404 else self._page(request, told)

        return answer

    def _page(self, request: Request, refusal: HTTPException) -> HTMLResponse:
        status = 403 if refusal.status_code == 401 else refusal.status_code  # 401 would ask for a kind of password
        page = render(request, self.template, status, state="failed", words=refusal.detail)
        if after := (refusal.headers or {}).get("Retry-After"):
            page.headers["Retry-After"] = after
        return page
