"""`python -m text2art`, which is also the command `text2art`."""

import typer

from text2art import job_commands
from text2art.deploy_check import deploy_check
from text2art.environment import load_environment
from text2art.serve import api, gradio, worker
from text2art.up import up

app = typer.Typer(
    help="Text2Art: a sentence becomes a picture and the film of its making.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show the values of variables, secrets among them
)
for command in (up, api, worker, deploy_check, gradio):
    app.command()(command)
app.add_typer(job_commands.app, name="jobs")


@app.callback()
def prepare() -> None:
    """Text2Art: a sentence becomes a picture and the film of its making."""
    load_environment()


def main() -> None:
    app()


if __name__ == "__main__":
    main()
