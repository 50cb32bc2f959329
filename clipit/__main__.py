"""The command line: `clipit "castle underwater" -o castle.png --video`.

Behind a prompt our own defaults hold; `clipit -p "castle underwater"` is clipit's command line with clipit's defaults.
"""

import logging
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer
from PIL import Image, UnidentifiedImageError

import clipit
from clipit.errors import ClipitError
from clipit.legacy.arguments import Arguments, converted
from clipit.legacy.fields import fields_of, names_drawer, of_recipe, spot_mask, without_effect
from clipit.legacy.images import open_image
from clipit.legacy.options import TABLE
from clipit.legacy.parser import Parser, make_parser, parse
from clipit.recipes import differing, release
from clipit.settings import image_digest, images_in

if TYPE_CHECKING:
    from clipit.drawing import Drawing

EPILOG = """\
Other commands: `clipit models` brings published models; `clipit resume FILE` goes on with a drawing that was stopped;
`clipit verify PICTURE` paints what the picture's recipe says and tells whether it is the same."""
FILES = ("output", "make_video", "video_format", "save_every", "display_every")  # nothing in the picture hangs on them
SETTLED = ("preset", "quality", "aspect", "ezsize", "scale")
MODELS = ("drawer", "drawer_options", "clip_models", "aesthetic_head", "start")  # settings that choose the weights
COMMANDS = {"resume": "--resume", "verify": "--verify"}

INTERRUPTED = 130  # as shells say it


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused or not the same, 130 stopped."""
    words = list(sys.argv[1:] if words is None else words)
    logging.basicConfig(format="clipit: %(message)s")
    if words[:1] == ["models"]:
        return _models(words[1:])
    if words and words[0] in COMMANDS:
        words[0] = COMMANDS[words[0]]
    try:
        return _run(parse(words, _parser()))
    except (ClipitError, OSError) as error:
        typer.secho(f"clipit: {error}", err=True, fg="red")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _models(words: Sequence[str]) -> int:
    from clipit.weights.command import app

    app(args=list(words), prog_name="clipit models")
    return 0


def _parser() -> Parser:
    parser = make_parser(EPILOG)
    parser.add_argument("prompt", nargs="?", help="what to draw; parts separated by | may carry a :weight")
    group = parser.add_argument_group("painting again, and going on")
    group.add_argument("--recipe", metavar="FILE", help="paint what a picture or film carries; other options change it")
    group.add_argument("--verify", metavar="PNG", help="whether its recipe paints the same; writes nothing")
    group.add_argument("--resume", metavar="FILE", help="go on with a drawing that was stopped")
    group.add_argument("--image", metavar="FILE", action="append", help="an image that the recipe names by its digest")
    group.add_argument("--checkpoint", metavar="FILE", help="where a drawing that is stopped is kept: OUTPUT.clipit")
    group.add_argument("--checkpoint-every", metavar="N", type=int, help="keep it every so many steps too")
    return parser


def _run(written: dict[str, Any]) -> int:
    command = {name: value for name, value in written.items() if name not in TABLE}
    given = converted({name: value for name, value in written.items() if name in TABLE})
    if command.get("checkpoint_every", 1) < 1:
        raise ClipitError(f"--checkpoint-every is {command['checkpoint_every']}; accepted: 1 and more")
    if chosen := [name for name in ("recipe", "verify", "resume") if name in command][1:]:
        raise ClipitError(f"--{chosen[0]} is a command of its own; accepted: one of recipe, verify and resume")
    if command.get("prompt") is not None:
        if "prompts" in given:
            raise ClipitError(f"there are two prompts, {command['prompt']!r} and that of -p; accepted: one")
        given |= converted({"prompts": command["prompt"]})
    if "verify" in command:
        return _verify(command, given)
    ours = {"preset": clipit.Settings.preset} if "prompt" in command else {}
    arguments = Arguments(ours | given)
    output = Path(arguments.output)
    from clipit.painting import check_output  # here, so that --help and what is refused do not wait for torch

    check_output(output)
    return _paint(_begun(command, given, arguments), arguments, command)


def _begun(command: Mapping[str, Any], given: dict[str, Any], arguments: Arguments) -> "Drawing":
    """The drawing that is asked for."""
    if "resume" in command:
        _only(given, FILES, "a drawing that goes on keeps its settings")
        drawing = clipit.resume(Path(command["resume"]).read_bytes())
        if len(drawing.batch) > 1:
            raise ClipitError(f"{command['resume']} holds {len(drawing.batch)} pictures; accepted here: one")
        return drawing
    if "recipe" in command:
        drawing = _repainted(clipit.read_recipe(command["recipe"]), given, command)
        if sentence := clipit.caveat(drawing.batch[0]):
            logging.getLogger("clipit").warning(sentence)
        return drawing
    settings = arguments.engine()
    for sentence in arguments.said():
        logging.getLogger("clipit").warning(sentence)
    return clipit.Drawing(settings, clipit.load_models(settings))


def _only(given: Mapping[str, Any], names: Sequence[str], why: str) -> None:
    if other := [name for name in given if name not in names]:
        raise ClipitError(f"{why}; {other[0]} cannot be given here")


def _repainted(recipe: dict[str, Any], given: dict[str, Any], command: Mapping[str, Any]) -> "Drawing":
    """A drawing as the recipe says, but for what is given. Raises ClipitError for other weights than the recipe's."""
    given = {name: value for name, value in given.items() if name not in FILES}
    if settled := [name for name in SETTLED if name in given]:
        raise ClipitError(
            f"the recipe has settled what {settled[0]} stands for; accepted: size, iterations, num_cuts ..."
        )
    changes = fields_of(_of_use(given, recipe))
    before = clipit.Settings.from_dict(recipe, _images(changes, command))
    if changes.get("drawer", before.drawer) != before.drawer:  # nothing of the other's suits it
        changes = {"drawer_options": {}, "learning_rate": None} | changes
    elif "drawer_options" in changes:
        changes["drawer_options"] = before.drawer_options | changes["drawer_options"]
    settings = replace(before, **changes)
    drawing = clipit.Drawing(settings, clipit.load_models(settings))
    other_models = any(getattr(settings, name) != getattr(before, name) for name in MODELS)
    _check_origin(recipe, drawing, other_models)
    return drawing


def _of_use(given: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the given options that change something in what the recipe says, and its drawer; the others are said."""
    idle = without_effect(of_recipe(recipe) | dict(given))
    for name in given:
        if name in idle:
            logging.getLogger("clipit").warning(idle[name])
    drawer = {} if names_drawer(given) else {"drawer": recipe.get("drawer")}
    return {name: value for name, value in given.items() if name not in idle} | drawer


def _images(changes: Mapping[str, Any], command: Mapping[str, Any]) -> dict[str, Image.Image]:
    """All given images by their digests."""
    given = [open_image(name) for name in command.get("image", ())]
    given += [spot_mask(image) for image in given]  # nobody knows what an --image was
    return {image_digest(image): image for image in (*given, *images_in(tuple(changes.values())))}


def _check_origin(recipe: Mapping[str, Any], drawing: "Drawing", other_models: bool = False) -> None:
    """Say where the recipe comes from another version; refuse where it was painted with other weights."""
    theirs = recipe.get("weights")
    others = differing(drawing.weights, theirs if isinstance(theirs, dict) else {})
    if others and not other_models:
        raise ClipitError(f"this picture was painted with other weights: {', '.join(others)}")
    if release() != recipe.get("text2art"):
        logging.getLogger("clipit").warning("painted by version %s; this is %s", recipe.get("text2art"), release())


def _verify(command: Mapping[str, Any], given: Mapping[str, Any]) -> int:
    """Paint it again; 0 where every pixel is the same."""
    from clipit.painting import with_bar

    _only(given, (), "a picture is verified as it is")
    recipe = clipit.read_recipe(command["verify"])
    try:
        with Image.open(command["verify"], formats=["PNG"]) as image:
            there = np.asarray(image.convert("RGB"))
    except UnidentifiedImageError:
        raise ClipitError(f"{command['verify']} is no PNG; a film does not keep the pixels as they were") from None
    drawing = _repainted(recipe, {}, command)
    until = recipe.get("step", drawing.shared.iterations)
    for frame in with_bar(drawing, drawing.shared.iterations):
        if frame.step == until:
            break
    same, told = _compared(frame.pixels(), there)
    typer.echo(f"{command['verify']} is {told}")
    return 0 if same else 1


def _compared(ours: np.ndarray, theirs: np.ndarray) -> tuple[bool, str]:
    """Whether two pictures, (H, W, 3), are the same, and in words."""
    if ours.shape != theirs.shape:
        return False, "not the same: it has another size"
    differs = abs(ours.astype(int) - theirs).max(2)
    if not differs.any():
        return True, "the same, every pixel"
    return False, f"not the same: {(differs > 0).mean():.2%} of the pixels differ, by {differs.max()} of 255 at most"


def _paint(drawing: "Drawing", arguments: Arguments, command: Mapping[str, Any]) -> int:
    """Draw under a progress bar and write the files; a drawing that is stopped is kept."""
    from clipit.painting import ends_on_interrupt, paint, with_bar, write_whole

    output, stop = Path(arguments.output), threading.Event()
    kept = Path(command.get("checkpoint") or command.get("resume") or output.with_suffix(".clipit"))
    every = command.get("checkpoint_every", 0)
    if drawing.size != drawing.shared.size:
        typer.echo("Drawing {} x {}: the nearest size that this drawer can draw.".format(*drawing.size))
    frames = paint(drawing, output, arguments.film_format(), arguments.save_every, stop)
    with ends_on_interrupt(stop):
        for frame in with_bar(frames, drawing.shared.iterations):
            if every > 0 and frame.step % every == 0 and frame.step < frame.of:
                write_whole(kept, drawing.state())
    if drawing.step < drawing.shared.iterations:
        write_whole(kept, drawing.state())
        typer.echo(
            f"stopped at step {drawing.step} of {drawing.shared.iterations}; go on: clipit resume {kept} -o {output}"
        )
        return INTERRUPTED
    if every > 0 and "resume" not in command:
        kept.unlink(missing_ok=True)
    film = arguments.film_format()
    typer.echo(f"{output}" + (f" and {output.with_suffix('.' + film)}" if film else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
