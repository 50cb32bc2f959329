"""The options of clipit and pixray, and ours beside them: one table for the command line, the facade and the docs.

The originals are https://github.com/mfrashad/clipit, https://github.com/dribnet/clipit and
https://github.com/pixray/pixray.
"""

from collections.abc import Iterable
from typing import NamedTuple

from clipit.legacy.kinds import (
    ASSIGNMENTS,
    FLAG,
    INTEGER,
    INTEGERS,
    NAMES,
    NUMBER,
    NUMBERS,
    PAIR,
    SEED,
    SHARES,
    TEXT,
    TEXTS,
    Kind,
)
from clipit.presets import PRESETS
from clipit.settings import OPTIMISERS, SCHEDULES, STARTS, VIEWS


class Option(NamedTuple):
    """One option by its name in Python, its flags on the command line, and the original's default."""

    name: str
    flags: str
    kind: Kind
    default: object
    becomes: str  # what it does here; nothing where it is refused
    field: str = ""  # of Settings, where its value is taken as it is
    refused: str = ""  # why nothing but the default is accepted
    needs: tuple[str, ...] = ()  # it does nothing unless one of these options is given
    drawer: str = ""  # it does nothing with another
    views: str = ""  # it does nothing with others
    loss: str = ""  # it does nothing without

    @property
    def said(self) -> str:
        """What it does, or why it is refused."""
        return f"refused but for its default: {self.refused}" if self.refused else self.becomes


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


QUALITIES, ASPECTS = PRESETS["clipit"].qualities, PRESETS["clipit"].aspects

# In the order of clipit's own parser.
ORIGINAL = (
    Option("prompts", "-p --prompts", TEXTS, [], "what to draw: `castle | gold:0.5`, and scenes `castle ^ ruins`"),
    Option("spot_prompts", "-sp --spot", TEXTS, [], "what to draw inside the spot"),
    Option("spot_prompts_off", "-spo --spot_off", TEXTS, [], "what to draw around the spot"),
    Option("spot_file", "-spf --spot_file", TEXT, None,
           "an image that is dark where the spot is; without one it is a disc in the middle",
           needs=("spot_prompts", "spot_prompts_off")),
    Option("labels", "-l --labels", TEXTS, [], "nouns, each the mean of seven sentences that ImageNet was told by"),
    Option("image_prompts", "-ip --image_prompts", TEXTS, [],
           "images to come near to in meaning: `cat.png | fog.png:-0.5`; the weights count, clipit left them out"),
    Option("image_prompt_weight", "-ipw --image_prompt_weight", NUMBER, None, "multiplies the weights of image prompts",
           needs=("image_prompts",)),
    Option("image_prompt_shuffle", "-ips --image_prompt_shuffle", FLAG, False, "",
           refused="an image prompt is always seen through the same views as the drawing, which guides it better"),
    Option("image_labels", "-il --image_labels", TEXT, None, "images, `faces/*.png`, whose mean, in pixels,"
           " is a target; clipit's is that of their normalised latents"),
    Option("image_label_weight", "-ilw --image_label_weight", NUMBER, 1.0, "of that target", field="image_label_weight",
           needs=("image_labels",)),
    Option("iterations", "-i --iterations", INTEGER, None,
           "steps: looks at the drawing, of which all but the last move it; None is what the quality says",
           field="iterations"),
    Option("save_every", "-se --save_every", INTEGER, 10, "steps between two writings of the output"),
    Option("display_every", "-de --display_every", INTEGER, 20,
           "steps between two showings of the output in a notebook; nothing is shown elsewhere"),
    Option("overlay_every", "-ove --overlay_every", INTEGER, None,
           "steps after which the overlay is laid over the drawing again; 0 is never"),
    Option("overlay_offset", "-ovo --overlay_offset", INTEGER, 0, "added to those steps, as in clipit",
           needs=("overlay_every",)),
    Option("overlay_image", "-ovi --overlay_image", TEXT, None, "the overlay; None is the start image",
           needs=("overlay_every",)),
    Option("quality", "-qua --quality", TEXT, "normal", f"{_listed(QUALITIES)}: size, steps, cuts and CLIP models",
           field="quality"),
    Option("aspect", "-asp --aspect", TEXT, "widescreen", f"{_listed(ASPECTS)}", field="aspect"),
    Option("ezsize", "-ezs --ezsize", TEXT, None, "small, medium or large: the scales 1, 2 and 4"),
    Option("scale", "-sca --scale", NUMBER, None,
           "times the aspect's base size; it wins over ezsize, which wins over the quality's", field="scale"),
    Option("overlay_alpha", "-ova --overlay_alpha", INTEGER, None, "0 to 255; None and 0 leave the image's own",
           needs=("overlay_every",)),
    Option("size", "-s --size", PAIR, None, "width and height in pixels; it wins over every scale"),
    Option("pixel_size", "-ps --pixel_size", PAIR, None, "cells across and down; None suits the shape of the picture",
           drawer="pixel"),
    Option("pixel_scale", "-psc --pixel_scale", NUMBER, None, "enlarges the cells", drawer="pixel"),
    Option("init_image", "-ii --init_image --start-image", TEXT, None,
           "the file of an image to start from; it is cropped where clipit squeezed it; clipit fetches no address"),
    Option("init_image_alpha", "-iia --init_image_alpha --start-alpha", INTEGER, 200,
           "how much it covers what is below, to 255; 0 and less leave the image's own", needs=("init_image",)),
    Option("init_noise", "-in --init_noise --start", TEXT, "pixels", f"what lies below: {_listed(STARTS)}"),
    Option("target_images", "-ti --target_images", TEXT, None, "images, `goal/*.png`, to come near to in latents"),
    Option("target_image_weight", "-tiw --target_image_weight", NUMBER, 1.0, "of that", field="target_weight",
           needs=("target_images",)),
    Option("target_weight_pix", "-twp --target_weight_pix", NUMBER, 0.0, "of coming near to them in their pixels",
           field="target_pixel_weight", needs=("target_images",)),
    Option("animation_dir", "-anim --animation_dir", TEXT, None, "",
           refused="several pictures that take turns are no single drawing; draw each with its own start image"),
    Option("animation_alpha", "-ana --animation_alpha", INTEGER, 128, "",
           refused="it belongs to animation_dir, which is refused too"),
    Option("init_weight", "-iw --init_weight", NUMBER, None, "holds the drawing to its start, by the angle of latents"),
    Option("init_weight_dist", "-iwd --init_weight_dist", NUMBER, 0.0,
           "the same by their distance; in clipit it ended in a NameError"),
    Option("init_weight_cos", "-iwc --init_weight_cos", NUMBER, 0.0, "the same by their cosine"),
    Option("init_weight_pix", "-iwp --init_weight_pix", NUMBER, 0.0, "the same by pixels"),
    Option("clip_models", "-m --clip_models", NAMES, None,
           "CLIPs that judge, names or files, separated by commas; None: what the quality says", field="clip_models"),
    Option("vqgan_model", "-vqgan --vqgan_model", TEXT, "imagenet_f16_16384", "the VQGAN that draws, by name",
           drawer="vqgan"),
    Option("vqgan_config", "-conf --vqgan_config", TEXT, None, "its .yaml, where that does not lie beside the file",
           needs=("vqgan_checkpoint",), drawer="vqgan"),
    Option("vqgan_checkpoint", "-ckpt --vqgan_checkpoint", TEXT, None, "the file of a VQGAN, instead of a name",
           drawer="vqgan"),
    Option("noise_prompt_seeds", "-nps --noise_prompt_seeds", INTEGERS, [],
           "random directions to draw towards, by their seeds; only as many as have weights, as in clipit",
           needs=("noise_prompt_weights",)),
    Option("noise_prompt_weights", "-npw --noise_prompt_weights", NUMBERS, [],
           "their weights, for every CLIP; clipit told the last one only", needs=("noise_prompt_seeds",)),
    Option("learning_rate", "-lr --learning_rate", NUMBER, 0.2, "of the VQGAN's latents, as in clipit; other"
           " drawers have their own units, and their own rates where none is given", field="learning_rate"),
    Option("num_cuts", "-cuts --num_cuts --cuts", INTEGER, None, "views a step for each CLIP", field="cuts"),
    Option("batches", "-bats --batches", INTEGER, 1, "times as many views, one lot after the other", field="batches"),
    Option("cut_pow", "-cutp --cut_power", NUMBER, 1.0, "",
           refused="no version of clipit does anything with it"),
    Option("seed", "-sd --seed", SEED, None, "the same seed, the same picture; text is one too (pixray's); numbers"
           " below 0 or of 64 bits count modulo 2^32; None is a random one, which the recipe keeps", field="seed"),
    Option("optimiser", "-opt --optimiser", TEXT, "Adam", f"{_listed(OPTIMISERS)}; DiffGrad and AdamP are refused, as"
           " PyTorch has neither", field="optimiser"),
    Option("output", "-o --output", TEXT, "output.png", "the PNG to write; it carries the recipe of the picture"),
    Option("make_video", "-vid --video", FLAG, False, "also write the film of the painting, with the ending .mp4"),
    Option("cudnn_determinism", "-d --deterministic", FLAG, False, "accepted: a drawing always is deterministic"),
    Option("use_clipdraw", "-cd --use_clipdraw", FLAG, False, "draw with brush strokes"),
    Option("strokes", "-st --strokes", INTEGER, 1024, "how many", drawer="strokes"),
    Option("use_pixeldraw", "-pd --use_pixeldraw", FLAG, False, "draw pixel art"),
    Option("do_mono", "-mo --do_mono", FLAG, False, "in black and white", drawer="pixel"),
    Option("enforce_palette_annealing", "-epw --enforce_palette_annealing", INTEGER, 5000,
           "steps in which the pull of target_palette grows to its full strength; 0 is no pull",
           needs=("target_palette",)),
    Option("target_palette", "-tp --target_palette", TEXT, None, r"colours to keep to: `red->#ff0000\20;[black]`"),
    Option("enforce_smoothness", "-esw --enforce_smoothness", INTEGER, 0,
           "steps in which the pull to smoothness grows to 1; 0 is no pull"),
    Option("enforce_smoothness_type", "-est --enforce_smoothness_type", TEXT, "default", "default, clipped or log",
           needs=("enforce_smoothness",)),
    Option("enforce_saturation", "-ecw --enforce_saturation", INTEGER, 0,
           "steps in which the pull to strong colours grows to 1; 0 is no pull"),
)  # fmt: skip

PIXRAY = (
    Option("drawer", "--drawer", TEXT, None, "vqgan, strokes (clipdraw), pixel (fast_pixel), fft or one from outside"),
    Option("palette", "--palette", TEXT, None, "colours to keep to from the first step on", field="palette"),
    Option("losses", "--losses", TEXT, None, "`smoothness:0.5, symmetry, palette`; what they pull at and how strongly"),
    Option("custom_loss", "--custom_loss", TEXT, None, "another name of losses"),
    Option("pixel_type", "--pixel_type", TEXT, None, "rect, rectshift, hex, tri, diamond or knit", drawer="pixel"),
    Option(
        "skip_args", "--skip_args", FLAG, False, "accepted: the command line is read only where no setting is given"
    ),
)

PALETTES = ("palette", "target_palette")
OURS = (
    Option("video_format", "--video-format", TEXT, None, "mp4, gif or webp: the film, of that format"),
    Option("preset", "--preset", TEXT, None, f"{_listed(PRESETS)}: what is not given follows from it", field="preset"),
    Option("drawer_options", "--option", ASSIGNMENTS, None, "of the drawer, for example strokes=256; may be repeated"),
    Option(
        "aesthetic_head",
        "--aesthetic-head",
        TEXT,
        None,
        "the file of a head that rates pictures",
        field="aesthetic_head",
        loss="aesthetic",
    ),
    Option(
        "palette_weight", "--palette-weight", NUMBER, None, "of the palette", field="palette_weight", needs=PALETTES
    ),
    Option(
        "palette_over",
        "--palette-over",
        INTEGER,
        None,
        "steps in which that is grown to",
        field="palette_over",
        needs=PALETTES,
    ),
    Option("views", "--views", TEXT, None, f"{_listed(VIEWS)}: how the drawing is looked at", field="views"),
    Option(
        "detail",
        "--detail",
        NUMBER,
        None,
        "share of close views that see pixels at their size",
        field="detail",
        views="gentle",
    ),
    Option(
        "overviews",
        "--overviews",
        SHARES,
        None,
        "share of views of nearly all, at first and last",
        field="overviews",
        views="gentle",
    ),
    Option("schedule", "--schedule", TEXT, None, f"of the learning rate: {_listed(SCHEDULES)}", field="schedule"),
    Option("average", "--average", NUMBER, None, "decay of the average that is the last picture", field="average"),
    Option("keep_best", "--keep-best", FLAG, None, "the last picture is the best that was seen", field="keep_best"),
    Option(
        "progressive", "--progressive", NUMBER, None, "share of the steps drawn at half the size", field="progressive"
    ),
)

TABLE = {option.name: option for option in (*ORIGINAL, *PIXRAY, *OURS)}
