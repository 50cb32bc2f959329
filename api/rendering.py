"""Pages for people, rendered from our templates. Every value is escaped, and no page holds a script of its own."""

from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from jobs import Aspect, Wish

SHAPES = {Aspect.SQUARE: 1.0, Aspect.WIDESCREEN: 16 / 9, Aspect.PORTRAIT: 4 / 5}  # width to height


def render(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """The template with these values, and with the address that it is shown at as `here`."""
    return HTMLResponse(_environment().get_template(template).render(here=request.url.path, **values), status)


def shape(wish: Wish) -> Aspect:
    """The aspect of the picture, or the one that its own size is nearest to."""
    if wish.size is None:
        return wish.aspect
    width, height = wish.size
    return min(SHAPES, key=lambda aspect: abs(SHAPES[aspect] - width / height))


def height_at(width: int, wish: Wish) -> int:
    """How high the picture's frame is that is so wide."""
    return round(width / SHAPES[shape(wish)])


def lettering(prompt: str) -> str:
    """How long a prompt is for the eye; js/hooks.js has the same steps."""
    return "short" if len(prompt) <= 45 else "medium" if len(prompt) <= 160 else "long"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shape": shape, "height_at": height_at, "lettering": lettering}
    return environment
