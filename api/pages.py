"""The page and its files, and Swagger UI from files of our own, so that both work offline."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent


def frontend_folder() -> Path:
    """Inside this package where a wheel put it, else beside it, as in a checkout."""
    packed = HERE / "frontend"
    return packed if packed.is_dir() else HERE.parent / "frontend"


def add_pages(app: FastAPI) -> None:
    frontend = frontend_folder()
    _add_page(app, "/", frontend / "index.html")
    _add_page(app, "/docs", HERE / "static" / "docs.html")
    # Compressed are only files that say nothing of a visitor: what is secret beside what a stranger chose is guessed
    # from its length (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=frontend / "static"), minimum_size=500))
    app.mount("/docs/static", StaticFiles(directory=HERE / "static"))


def lost() -> FileResponse:
    """The answer about what is not here, as Firebase Hosting gives it too."""
    return FileResponse(frontend_folder() / "404.html", 404)


def _add_page(app: FastAPI, path: str, file: Path) -> None:
    app.add_api_route(path, lambda: FileResponse(file), methods=["GET", "HEAD"], include_in_schema=False)
