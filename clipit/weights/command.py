"""`clipit models list | download | convert | verify | path`: published models on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Column, Table

from clipit.errors import ClipitError
from clipit.weights import cache
from clipit.weights.catalogue import CATALOGUE, entry

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Published models: what there is, and what is on this machine."
)

Half = Annotated[bool, typer.Option("--half", help="Store numbers in float16: half the room of float32.")]


@contextmanager
def _said() -> Iterator[None]:
    """A ClipitError becomes a line and an exit status."""
    try:
        yield
    except ClipitError as error:
        typer.secho(f"clipit: {error}", err=True, fg="red")
        raise typer.Exit(1) from None


def _size(count: int | None) -> str:
    return "?" if count is None else f"{count / 1e6:,.0f} MB"


def _path(name: str) -> Path:
    if (file := Path(name)).is_file():
        return file
    return cache.brought(entry(name))


@app.command("list")
def list_models() -> None:
    """Every published model by name, and whether it is here."""
    for kind in ("clip", "vqgan"):
        columns = Column(kind, no_wrap=True), Column("size", justify="right", no_wrap=True), "here", "origin"
        table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for each in CATALOGUE.values():
            if each.kind == kind:
                here = "yes" if cache.converted(each).is_file() else ""
                table.add_row(each.name, _size(each.size), here, each.origin)
        Console().print(table, "")
    typer.echo(f"In {cache.folder()}; CLIPIT_CACHE names another folder. A size of ? is not known before the download.")


@app.command()
def download(
    names: Annotated[list[str], typer.Argument(help="Names of `clipit models list`.")],
    again: Annotated[bool, typer.Option("--again", help="Also what is here already.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the published files beside ours.")] = False,
    half: Half = False,
) -> None:
    """Bring models from where they were published, check their digests and convert them."""
    from clipit.weights.conversion import bring  # here, so that the list does not wait for torch

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with _said():
        for each in [entry(name) for name in names]:
            path = cache.converted(each)
            if again or not path.is_file():
                with Progress(*columns, console=Console(stderr=True)) as bars:
                    bar = bars.add_task(each.name, total=each.size)
                    bring(
                        each,
                        lambda there, total, bar=bar: bars.update(bar, completed=there, total=total),
                        keep=keep,
                        half=half,
                    )
            typer.echo(path)


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="A .pt, .pth, .bin, .ckpt or .safetensors file as published.")],
    described: Annotated[Path | None, typer.Option("--yaml", help="Its .yaml, if that does not lie beside it.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The .safetensors file to write.")] = None,
    name: Annotated[str | None, typer.Option("--as", help="Put it into the cache as this published model.")] = None,
    quick_gelu: Annotated[
        bool | None,
        typer.Option("--quick-gelu/--gelu", help="How a CLIP was trained; known of OpenAI's, else GELU."),
    ] = None,
    half: Half = False,
) -> None:
    """Convert a published file to our form."""
    from clipit.weights.conversion import convert as convert_file
    from clipit.weights.conversion import install
    from clipit.weights.formats import Trained

    with _said():
        if not file.is_file():
            raise ClipitError(f"there is no file {file}")
        if name is not None:
            typer.echo(install(entry(name), file, described, half))
            return
        target = output or file.with_suffix(".safetensors")
        if target.resolve() == file.resolve() or target.suffix != ".safetensors" or not target.parent.is_dir():
            raise ClipitError(f"{target} cannot be written; accepted: another .safetensors in a folder that is there")
        convert_file(file, target, described, Trained(quick_gelu), half)
        typer.echo(target)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or files; without any, all that was downloaded.")
    ] = None,
) -> None:
    """Read models to the end and say whether they are whole."""
    from clipit.weights.checkpoints import verify as verify_file

    if not names:
        names = [each.name for each in CATALOGUE.values() if cache.converted(each).is_file()]
    failed = False
    for name in names:
        try:
            typer.echo(f"{name}: {verify_file(_path(name))}")
        except ClipitError as error:
            failed = True
            typer.secho(f"{name}: {error}", err=True, fg="red")
    if failed:
        raise typer.Exit(1)


@app.command()
def path(name: Annotated[str, typer.Argument(help="A name of `clipit models list`.")]) -> None:
    """Where a downloaded model lies."""
    with _said():
        typer.echo(_path(name))
