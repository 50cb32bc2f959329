"""What routes ask for by type: the settings, the queue and the shelf that `create_app` was given."""

from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from api.settings import ApiSettings
from jobs import Queue, Shelf


def _settings(request: Request) -> ApiSettings:
    return cast(ApiSettings, request.app.state.settings)


def _queue(request: Request) -> Queue:
    return cast(Queue, request.app.state.queue)


def _shelf(request: Request) -> Shelf:
    return cast(Shelf, request.app.state.shelf)


def _decoders(request: Request) -> CapacityLimiter:
    return cast(CapacityLimiter, request.app.state.decoders)


SettingsDep = Annotated[ApiSettings, Depends(_settings)]
QueueDep = Annotated[Queue, Depends(_queue)]
ShelfDep = Annotated[Shelf, Depends(_shelf)]
DecodersDep = Annotated[CapacityLimiter, Depends(_decoders)]
