"""`--tunnel`: a public address for a server on this machine, through ngrok, as the article does on Colab."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from text2art.environment import need

Tunnel = Annotated[bool, typer.Option("--tunnel", help="Also give it a public address, through ngrok.")]


@contextmanager
def open_tunnel(host: str, port: int, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """While the block runs, an address at which everybody reaches this host and port.

    The account's token is TEXT2ART_NGROK_TOKEN or NGROK_AUTHTOKEN. Ends the command where there is no tunnel to be had.
    """
    need("pyngrok", extra="tunnel")
    from pyngrok import conf, exception, ngrok

    token = environment.get("TEXT2ART_NGROK_TOKEN") or environment.get("NGROK_AUTHTOKEN")
    if not token:
        typer.echo("--tunnel needs the token from https://dashboard.ngrok.com in TEXT2ART_NGROK_TOKEN", err=True)
        raise typer.Exit(2)
    logging.getLogger("pyngrok").setLevel(logging.WARNING)  # below that are the visitors' addresses
    # In a session of its own, so that Ctrl-C does not take it away before the pages are closed.
    config = conf.PyngrokConfig(auth_token=token, start_new_session=True)
    try:
        yield str(ngrok.connect(f"{host}:{port}", "http", pyngrok_config=config).public_url)
    except exception.PyngrokError as error:
        # ngrok quotes a token that it does not accept
        typer.echo(f"The tunnel could not be opened: {str(error).replace(token, '(the token)')}", err=True)
        raise typer.Exit(1) from None
    finally:
        ngrok.kill(config)


def announce(public_url: str) -> None:
    """Tell the public address, and have mails lead there."""
    os.environ["TEXT2ART_PUBLIC_URL"] = public_url
    typer.echo(f"Text2Art is on {public_url} for everybody")
    typer.echo(f"Workers on other machines need TEXT2ART_PUBLIC_URL={public_url}")
