"""What the operator may set, read from the environment and checked at the start."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _is_origin(origin: str) -> str:
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{origin!r} is no origin; accepted: '*' or scheme://host[:port], as https://art.example.com")
    return origin


class ApiSettings(BaseSettings):
    """Environment variables are `TEXT2ART_` and the field's name, as `TEXT2ART_CORS_ORIGINS=https://a.com,https://b.com`."""

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True)

    # Pages of these origins may call the API; credentials are never allowed, so '*' gives nobody's rights away.
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_is_origin)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    max_queue: Annotated[int, Field(ge=1)] = 1000  # waiting jobs; further orders are answered with 503
    events_interval_s: Annotated[float, Field(gt=0)] = 0.5  # how often an open event stream looks at its job
    keepalive_s: Annotated[float, Field(gt=0)] = 15.0  # a comment on quiet event streams, so that proxies keep them
