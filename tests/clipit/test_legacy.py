"""The calls and options of clipit. Expectations are those of its source, written down by hand."""

import hashlib
import itertools
import logging
import shutil
import signal
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

import clipit
from clipit import ClipitError, read_recipe
from clipit.legacy.arguments import Arguments
from clipit.legacy.options import ORIGINAL, TABLE
from clipit.legacy.page import originals, page
from clipit.settings import image_digest
from clipit.weights.cache import converted
from clipit.weights.catalogue import entry

DEFAULTS = {
    "prompts": [], "spot_prompts": [], "spot_prompts_off": [], "spot_file": None, "labels": [], "image_prompts": [],
    "image_prompt_weight": None, "image_prompt_shuffle": False, "image_labels": None, "image_label_weight": 1.0,
    "iterations": None, "save_every": 10, "display_every": 20, "overlay_every": None, "overlay_offset": 0,
    "overlay_image": None, "overlay_alpha": None, "quality": "normal", "aspect": "widescreen", "ezsize": None,
    "scale": None, "size": None, "pixel_size": None, "pixel_scale": None, "init_image": None, "init_image_alpha": 200,
    "init_noise": "pixels", "target_images": None, "target_image_weight": 1.0, "target_weight_pix": 0,
    "animation_dir": None, "animation_alpha": 128, "init_weight": None, "init_weight_dist": 0, "init_weight_cos": 0,
    "init_weight_pix": 0, "clip_models": None, "vqgan_model": "imagenet_f16_16384", "vqgan_config": None,
    "vqgan_checkpoint": None, "noise_prompt_seeds": [], "noise_prompt_weights": [], "learning_rate": 0.2,
    "num_cuts": None, "batches": 1, "cut_pow": 1.0, "seed": None, "optimiser": "Adam", "output": "output.png",
    "make_video": False, "cudnn_determinism": False, "use_clipdraw": False, "strokes": 1024, "use_pixeldraw": False,
    "do_mono": False, "enforce_palette_annealing": 5000, "target_palette": None, "enforce_smoothness": 0,
    "enforce_smoothness_type": "default", "enforce_saturation": 0,
}  # fmt: skip
SHORT = """-p -sp -spo -spf -l -ip -ipw -ips -il -ilw -i -se -de -ove -ovo -ovi -qua -asp -ezs -sca -ova -s -ps -psc -ii
-iia -in -ti -tiw -twp -anim -ana -iw -iwd -iwc -iwp -m -vqgan -conf -ckpt -nps -npw -lr -cuts -bats -cutp -sd -opt -o
-vid -d -cd -st -pd -mo -epw -tp -esw -est -ecw""".split()  # noqa: SIM905
LONG = {"spot_prompts": "--spot", "spot_prompts_off": "--spot_off", "cut_pow": "--cut_power", "make_video": "--video",
        "cudnn_determinism": "--deterministic"}  # fmt: skip

# What another value than the default does, beside what it needs: it changes the engine's settings, is refused, or
# decides what is written or shown; one asks for what is always so.
CHANGED, REFUSED, WRITTEN, ALWAYS = "changed", "refused", "written", "always"
OTHER = {
    "prompts": ("ruins", {}, CHANGED),
    "spot_prompts": ("gold", {}, CHANGED),
    "spot_prompts_off": ("gold", {}, CHANGED),
    "spot_file": ("red.png", {"spot_prompts": "gold"}, CHANGED),
    "labels": ("castle", {}, CHANGED),
    "image_prompts": ("red.png | blue.png:-0.5", {}, CHANGED),
    "image_prompt_weight": (0.5, {"image_prompts": "red.png"}, CHANGED),
    "image_prompt_shuffle": (True, {"image_prompts": "red.png"}, REFUSED),
    "image_labels": ("*.png", {}, CHANGED),
    "image_label_weight": (0.5, {"image_labels": "red.png"}, CHANGED),
    "iterations": (7, {}, CHANGED),
    "save_every": (1, {}, WRITTEN),
    "display_every": (1, {}, WRITTEN),
    "overlay_every": (5, {"init_image": "red.png"}, CHANGED),
    "overlay_offset": (2, {"init_image": "red.png", "overlay_every": 5}, CHANGED),
    "overlay_image": ("blue.png", {"init_image": "red.png", "overlay_every": 5}, CHANGED),
    "overlay_alpha": (9, {"init_image": "red.png", "overlay_every": 5}, CHANGED),
    "quality": ("draft", {}, CHANGED),
    "aspect": ("square", {}, CHANGED),
    "ezsize": ("small", {}, CHANGED),
    "scale": (2.5, {}, CHANGED),
    "size": ((800, 200), {}, CHANGED),
    "pixel_size": ([20, 10], {"use_pixeldraw": True}, CHANGED),
    "pixel_scale": (2, {"use_pixeldraw": True}, CHANGED),
    "init_image": ("red.png", {}, CHANGED),
    "init_image_alpha": (9, {"init_image": "red.png"}, CHANGED),
    "init_noise": ("gradient", {}, CHANGED),
    "target_images": ("*.png", {}, CHANGED),
    "target_image_weight": (0.5, {"target_images": "red.png"}, CHANGED),
    "target_weight_pix": (0.5, {"target_images": "red.png"}, CHANGED),
    "animation_dir": ("frames", {}, REFUSED),
    "animation_alpha": (9, {}, REFUSED),
    "init_weight": (0.5, {}, CHANGED),
    "init_weight_dist": (0.5, {}, CHANGED),
    "init_weight_cos": (0.5, {}, CHANGED),
    "init_weight_pix": (0.5, {}, CHANGED),
    "clip_models": ("ViT-B/16", {}, CHANGED),
    "vqgan_model": ("coco", {}, CHANGED),
    "vqgan_config": ("own.yaml", {"vqgan_checkpoint": "own.ckpt"}, CHANGED),
    "vqgan_checkpoint": ("own.ckpt", {}, CHANGED),
    "noise_prompt_seeds": ([1, 2], {"noise_prompt_weights": [0.5, 0.2]}, CHANGED),
    "noise_prompt_weights": ([0.5, 0.2], {"noise_prompt_seeds": [1, 2]}, CHANGED),
    "learning_rate": (0.1, {}, CHANGED),
    "num_cuts": (7, {}, CHANGED),
    "batches": (2, {}, CHANGED),
    "cut_pow": (0.5, {}, REFUSED),
    "seed": (7, {}, CHANGED),
    "optimiser": ("AdamW", {}, CHANGED),
    "output": ("castle.png", {}, WRITTEN),
    "make_video": (True, {}, WRITTEN),
    "cudnn_determinism": (True, {}, ALWAYS),
    "use_clipdraw": (True, {}, CHANGED),
    "strokes": (256, {"use_clipdraw": True}, CHANGED),
    "use_pixeldraw": (True, {}, CHANGED),
    "do_mono": (True, {"use_pixeldraw": True}, CHANGED),
    "enforce_palette_annealing": (100, {"target_palette": "red"}, CHANGED),
    "target_palette": ("red", {}, CHANGED),
    "enforce_smoothness": (100, {}, CHANGED),
    "enforce_smoothness_type": ("log", {"enforce_smoothness": 100}, CHANGED),
    "enforce_saturation": (100, {}, CHANGED),
}

CLIPS = {"draft": ["ViT-B/32"], "normal": ["ViT-B/32", "ViT-B/16"], "better": ["RN50", "ViT-B/32", "ViT-B/16"],
         "best": ["RN50x4", "ViT-B/32", "ViT-B/16"]}  # fmt: skip
ITERATIONS = {"draft": 200, "normal": 350, "better": 500, "best": 500}
SCALES = {"draft": 1, "normal": 2, "better": 3, "best": 4}
BASES = {"square": (150, 150), "widescreen": (160, 90), "portrait": (128, 160)}
EZSIZES = {"small": 1, "medium": 2, "large": 4}
# What the VQGAN makes of them, its factor being 16.
DRAWN = {
    "square": ["144x144", "288x288", "448x448", "592x592", "368x368"],
    "widescreen": ["160x80", "320x176", "480x256", "640x352", "400x224"],
    "portrait": ["128x160", "256x320", "384x480", "512x640", "320x400"],
}

QUICK = {"prompts": "castle", "size": (24, 16), "iterations": 3, "num_cuts": 4, "seed": 1}


@pytest.fixture(autouse=True)
def folder(tiny, monkeypatch, tmp_path):
    """An empty working folder, tiny models in the place of the shipped ones, none downloaded, no setting pending."""
    monkeypatch.setattr("clipit.weights.checkpoints.WEIGHTS", tiny.folder)
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    clipit.reset_settings()
    yield tmp_path / "here"
    clipit.reset_settings()


@pytest.fixture
def downloaded(tiny, folder):
    """clipit's default models, or rather tiny ones under their names."""
    for name, file in [("ViT-B/32", tiny.vit), ("ViT-B/16", tiny.resnet), ("imagenet_f16_16384", tiny.vqgan)]:
        path = converted(entry(name))
        path.parent.mkdir(exist_ok=True)
        shutil.copy(file, path)


@pytest.fixture
def images(folder):
    for colour in ("red", "blue"):
        Image.new("RGB", (9, 9), colour).save(folder / f"{colour}.png")


def applied(**settings):
    clipit.reset_settings()
    clipit.add_settings(**settings)
    return clipit.apply_settings()


def painted(**settings):
    """The picture of a whole run."""
    settings = applied(**settings)
    clipit.do_init(settings)
    clipit.do_run(settings)
    with Image.open(settings.output) as image:
        return image.convert("RGB")


# --- the table ------------------------------------------------------------------------------------------------------


def test_all_options_have_the_names_and_defaults_of_clipit():
    assert len(DEFAULTS) == 60
    assert {option.name: option.default for option in ORIGINAL} == DEFAULTS


def test_all_options_have_the_flags_of_clipit():
    flags = {option.name: option.flags.split() for option in ORIGINAL}
    assert [own[0] for own in flags.values()] == SHORT
    assert {name: own[1] for name, own in flags.items()} == {name: LONG.get(name, f"--{name}") for name in DEFAULTS}


@pytest.mark.parametrize("name", DEFAULTS)
def test_no_option_is_silently_ignored(name, images):
    value, context, outcome = OTHER[name]
    context = {"prompts": "castle", "seed": 1} | context
    before = Arguments(context).engine().as_dict()
    changed = Arguments(context | {name: value})
    if outcome is REFUSED:
        with pytest.raises(ClipitError, match=f"{name} is refused: [a-z]"):
            changed.engine()
        return
    assert not [sentence for sentence in changed.said() if sentence.startswith(f"{name} does nothing")]
    assert (changed.engine().as_dict() != before) is (outcome is CHANGED)
    if outcome is WRITTEN:
        assert getattr(changed, name) == value  # what comes of it is tested below


@pytest.mark.parametrize(
    "name", [name for name, (_, context, outcome) in OTHER.items() if context and outcome is CHANGED]
)
def test_what_has_no_effect_without_another_option_says_so(name, images, caplog):
    value, _, _ = OTHER[name]
    try:
        applied(prompts="castle", **{name: value})
    except ClipitError as error:
        assert name in str(error)
    else:
        assert name in caplog.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"palette_weight": 2}, "palette_weight does nothing without palette or target_palette"),
        ({"palette_over": 2}, "palette_over does nothing without palette or target_palette"),
        ({"detail": 0.5, "views": "clipit"}, "detail does nothing with the views 'clipit'"),
        ({"overviews": (1, 0), "preset": "clipit"}, "overviews does nothing with the views 'clipit'"),
        ({"aesthetic_head": "no.head"}, "aesthetic_head does nothing without the loss 'aesthetic'"),
        ({"aesthetic_head": "no.head", "losses": "edge:2"}, "aesthetic_head does nothing without the loss 'aesthetic'"),
    ],
)
def test_what_is_ours_has_no_effect_by_itself_and_says_so(given, said, caplog):
    engine = applied(**{"prompts": "castle", "preset": "text2art"} | given).engine()
    assert caplog.messages == [said]
    name = said.split()[0]
    rest = {key: value for key, value in given.items() if key != name}
    assert engine == applied(**{"prompts": "castle", "preset": "text2art"} | rest).engine()


@pytest.mark.parametrize(
    "given",
    [
        {"palette": "red", "palette_weight": 2.5, "palette_over": 7},
        {"target_palette": "red", "palette_weight": 2.5, "palette_over": 7},
        {"views": "gentle", "preset": "clipit", "detail": 0.5, "overviews": (1.0, 0.0)},
        {"aesthetic_head": "a.head", "losses": "edge, aesthetic:2"},
        {"learning_rate": 3.0, "drawer": "fft"},
    ],
)
def test_what_is_ours_is_taken_beside_what_it_needs(given, caplog):
    engine = applied(**{"prompts": "castle", "preset": "text2art"} | given).engine()
    assert not caplog.messages
    ours = ("palette_weight", "palette_over", "detail", "overviews", "aesthetic_head", "learning_rate")
    assert {name: getattr(engine, name) for name in ours if name in given}.items() <= given.items()


def test_the_page_is_made_of_the_table():
    root = Path(__file__).parents[2]
    assert (root / "docs" / "options.md").read_text("utf-8") == page(), "python -m clipit.legacy.page > docs/options.md"
    assert originals() in (root / "README.md").read_text("utf-8")


# --- as clipit resolves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", SCALES)
def test_sizes_steps_cuts_and_models_are_those_of_clipit(quality, monkeypatch):
    monkeypatch.setattr("clipit.legacy.arguments._here", lambda option, name: True)
    for aspect, size, scale, ezsize in itertools.product(
        BASES, (None, (800, 200), (37, 21)), (None, 0.5, 1, 2.5), (None, *EZSIZES)
    ):
        given = {"quality": quality, "aspect": aspect, "size": size, "scale": scale, "ezsize": ezsize}
        settings = applied(prompts="castle", **given)
        times = scale if scale is not None else EZSIZES[ezsize] if ezsize else SCALES[quality]
        wanted = size or tuple(int(times * side) for side in BASES[aspect])
        assert tuple(settings.size) == wanted, given
        assert (settings.iterations, settings.num_cuts) == (ITERATIONS[quality], 40)
        assert settings.clip_models == CLIPS[quality]
        assert settings.scale == (SCALES[quality] if scale is None and ezsize is None else scale)
        engine = settings.engine()
        assert (engine.wanted_size(), engine.iterations, engine.cuts) == (wanted, ITERATIONS[quality], 40)
        assert list(engine.resolved().clip_models) == CLIPS[quality]


@pytest.mark.parametrize("aspect", BASES)
def test_drawn_sizes_are_those_of_clipit(aspect):
    scales = [*SCALES.values(), 2.5]
    sizes = [applied(prompts="castle", aspect=aspect, scale=scale).size for scale in scales]
    assert [f"{width // 16 * 16}x{height // 16 * 16}" for width, height in sizes] == DRAWN[aspect]


def test_texts_are_told_apart_as_clipit_does():
    settings = applied(
        prompts="a castle | gold : 0.5", spot_prompts="moon|stars", labels="cat", init_noise="None", overlay_every=0,
        clip_models="ViT-B/32, RN50", target_palette=r"[black, #ff0000]",
    )  # fmt: skip
    assert settings.prompts == ["a castle", "gold : 0.5"]
    assert (settings.spot_prompts, settings.labels, settings.image_prompts) == (["moon", "stars"], ["cat"], [])
    assert (settings.init_noise, settings.overlay_every) == (None, None)
    assert settings.clip_models == ["ViT-B/32", "RN50"]
    assert settings.target_palette == [[0, 0, 0], [1, 0, 0]]


def test_options_become_settings_as_clipit_means_them(images):
    engine = applied(
        **{**QUICK, "enforce_smoothness": 50, "enforce_smoothness_type": "log", "enforce_saturation": 1000},
        init_weight=0.5, init_weight_pix=2, target_palette="[black, #ff0000]", init_image="red.png", overlay_every=5,
        overlay_offset=2, noise_prompt_seeds=[1, 2, 3], noise_prompt_weights=[0.1, 0.2], image_prompt_weight=0.5,
        image_prompts="red.png|blue.png:-2:0.1", spot_prompts="gold", spot_file="red.png", init_noise="snow",
    ).engine()  # fmt: skip
    assert engine.losses == (
        "smoothness:kind=log:over=50, saturation:10:over=1000, hold:0.5:kind=spherical, hold:2.0:kind=pixel"
    )
    assert (engine.palette, engine.palette_over, engine.palette_weight) == ("[#000000, #ff0000]", 5000, 4)
    assert (engine.start, engine.start_alpha, engine.overlay_every) == ("snow", 200, 7)
    assert engine.noise_prompts == ((1, 0.1), (2, 0.2))
    assert [prompt[1:] for prompt in engine.image_prompts] == [(0.5, float("-inf")), (-1, 0.1)]
    assert engine.spot_mask.getpixel((0, 0)) == (0, 255, 255)  # clipit's spots are dark, ours light


def test_strokes_win_over_pixels_as_in_clipit():
    assert applied(prompts="castle", use_clipdraw=True, use_pixeldraw=True).engine().drawer == "strokes"


def test_a_palette_that_is_not_enforced_is_left_out():
    assert applied(prompts="castle", target_palette="red", enforce_palette_annealing=0).engine().palette == ""


def test_a_seed_may_be_text_as_in_pixray():
    number = int.from_bytes(hashlib.sha512(b"my seed").digest(), "big") % 2**32
    assert applied(prompts="castle", seed="my seed").engine().seed == number
    assert applied(prompts="castle", seed="17").engine().seed == 17


@pytest.mark.parametrize(("seed", "counted"), [(2**32 + 7, 7), (str(2**63 - 1), 2**32 - 1), (-1, 2**32 - 1)])
def test_a_seed_of_64_bits_or_below_0_counts_modulo_32_bits(seed, counted):
    assert applied(prompts="castle", seed=seed).engine().seed == counted


# --- the calls ------------------------------------------------------------------------------------------------------


def test_the_five_calls_write_the_output_and_nothing_else(folder):
    clipit.reset_settings()
    clipit.add_settings(**QUICK)
    settings = clipit.apply_settings()
    clipit.do_init(settings)
    assert clipit.do_run(settings) is True
    assert [path.name for path in folder.iterdir()] == ["output.png"]
    with Image.open("output.png") as image:
        assert image.size == (24, 16)
        assert image.text["Comment"] == "castle"
    assert (read_recipe("output.png")["prompts"], read_recipe("output.png")["seed"]) == ("castle", 1)


def test_the_film_has_the_name_of_the_output(folder):
    painted(**QUICK, make_video=True, output="castle.png")
    assert {path.name for path in folder.iterdir()} == {"castle.png", "castle.mp4"}
    assert read_recipe("castle.mp4")["seed"] == 1


def test_none_removes_a_setting():
    clipit.add_settings(prompts="castle", seed=1)
    clipit.add_settings(seed=None, quality=None)
    assert clipit.get_settings() == {"prompts": "castle"}


def test_an_unknown_setting_is_refused_in_the_words_of_clipit():
    clipit.add_settings(prompts="castle", colour="red")
    with pytest.raises(ValueError, match=r"^Requested setting not found, aborting: colour=red$"):
        clipit.apply_settings()


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("quality", "supreme", "'draft', 'normal', 'better', 'best'"),
        ("aspect", "round", "'square', 'widescreen', 'portrait'"),
        ("ezsize", "huge", "'small', 'medium', 'large'"),
        ("iterations", "many", "a whole number"),
        ("iterations", 0, "1 to 100000"),
        ("size", 800, "width and height"),
        ("size", (8, 8, 8), "width and height"),
        ("make_video", "perhaps", "true, yes, on, 1 or false"),
        ("optimiser", "DiffGrad", "PyTorch has none.*Adam, AdamW"),
        ("optimiser", "AdamP", "PyTorch has none"),
        ("init_noise", "fog", "'pixels', 'gradient', 'snow', 'none'"),
        ("init_image", "nowhere.png", "nowhere.png"),
        ("init_image", "https://example.org/a.png", "does not fetch"),
        ("image_prompts", "http://example.org/a.png", "does not fetch"),
        ("target_images", "nothing/*.png", "no file is named"),
        ("target_palette", "no colour", "no colour"),
        ("enforce_smoothness_type", "odd", "'default', 'clipped', 'log'"),
        ("losses", "palette", "needs the colours"),
        ("losses", "beauty", "there is no loss"),
        ("drawer", "crayon", "'vqgan', 'strokes', 'pixel', 'fft'"),
        ("output", "castle.jpg", "ends in .png"),
        ("output", "nowhere/castle.png", "there is no folder"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_accepted(name, value, complaint):
    with pytest.raises(ClipitError, match=complaint):
        clipit.do_init(applied(**QUICK | {"enforce_smoothness": 5, name: value}))


def test_without_settings_the_command_line_is_read(monkeypatch):
    monkeypatch.setattr(
        sys, "argv", ["draw.py", "-p", "castle", "-s", "24", "16", "--video", "False", "-nps", "1", "2"]
    )
    settings = clipit.apply_settings()
    assert (settings.prompts, settings.size, settings.make_video) == (["castle"], [24, 16], False)
    assert settings.noise_prompt_seeds == [1, 2]


def test_a_notebook_without_settings_does_not_read_its_kernels_command_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=object))
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel.json"])
    with pytest.raises(ClipitError, match="no settings yet; add_settings"):
        clipit.apply_settings()
    assert applied(prompts="castle").prompts == ["castle"]


def test_a_bad_command_line_ends_in_an_exception_too(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["draw.py", "--colour", "red"])
    with pytest.raises(ClipitError, match="--colour"):
        clipit.apply_settings()


def test_applied_settings_may_be_changed_until_the_models_are_loaded():
    settings = applied(**QUICK)
    settings.iterations, settings.output = 2, "other.png"
    clipit.do_init(settings)
    clipit.do_run(settings)
    assert read_recipe("other.png")["iterations"] == 2


def test_a_run_comes_after_its_beginning_and_once():
    settings = applied(**QUICK)
    with pytest.raises(ClipitError, match="do_init"):
        clipit.do_run(settings)
    clipit.do_init(settings)
    clipit.do_run(settings)
    with pytest.raises(ClipitError, match="finished"):
        clipit.do_run(settings)


def test_interleaved_drawings_do_not_affect_each_other():
    one = {**QUICK, "output": "one.png", "display_every": 1, "make_video": True}
    other = one | {"prompts": "the cat", "size": (32, 32), "num_cuts": 7, "output": "other.png", "use_pixeldraw": True}
    alone = [painted(**one), painted(**other)]
    both = [applied(**one), applied(**other)]
    for settings in both:
        clipit.do_init(settings)
    done = [False, False]
    while not all(done):
        done = [clipit.do_run(settings, return_display=True) for settings in both]
    for name, expected in zip(("one.png", "other.png"), alone, strict=True):
        with Image.open(name) as image:
            assert image_digest(image) == image_digest(expected)


def test_a_display_is_waited_for_as_in_pixray(folder):
    settings = applied(**QUICK | {"iterations": 5}, display_every=2, save_every=1)
    clipit.do_init(settings)
    seen = []
    while not clipit.do_run(settings, return_display=True):
        seen.append(read_recipe("output.png")["step"])
    assert seen == [2, 4]
    assert "step" not in read_recipe("output.png")
    assert [path.name for path in folder.iterdir()] == ["output.png"]


def test_ctrl_c_ends_the_step_and_writes_what_there_is(monkeypatch, folder):
    presses = iter([signal.SIGINT])
    press = lambda picture: [signal.raise_signal(number) for number in presses]  # noqa: E731
    monkeypatch.setattr("clipit.legacy.facade._display", press)
    settings = applied(**QUICK | {"iterations": 100}, display_every=2, make_video=True)
    clipit.do_init(settings)
    assert clipit.do_run(settings) is True
    assert read_recipe("output.png")["step"] == 2
    assert (folder / "output.mp4").is_file()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_may_be_a_background_task():
    settings = applied(**QUICK)
    clipit.do_init(settings)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(clipit.do_run, settings).result()
    assert read_recipe("output.png")["seed"] == 1


def test_a_notebook_is_shown_every_so_many_steps_and_the_end(monkeypatch):
    shown = []
    notebook = types.SimpleNamespace(get_ipython=object, display=types.SimpleNamespace(display=shown.append))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    painted(**QUICK | {"iterations": 5}, display_every=2)
    assert [picture.size for picture in shown] == [(24, 16)] * 3


def test_without_a_seed_the_recipe_keeps_the_random_one():
    first, second = (image_digest(painted(**QUICK | {"seed": None})) for _ in range(2))
    assert first != second
    seed = read_recipe("output.png")["seed"]
    assert image_digest(painted(**QUICK | {"seed": seed})) == second


# --- models -----------------------------------------------------------------------------------------------------------


def test_defaults_that_are_not_here_give_way_to_the_small_models_and_that_is_said_in_a_line(caplog):
    engine = applied(prompts="castle").engine()
    (line,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    said = line.getMessage()
    assert "\n" not in said
    assert "clipit models download ViT-B/32 ViT-B/16 imagenet_f16_16384" in said
    assert (engine.preset, engine.start, engine.views, engine.learning_rate) == ("text2art", None, None, None)
    assert (engine.size, engine.iterations, engine.cuts) == ((320, 180), 350, 40)
    assert engine.resolved().clip_models == ("small",)


def test_defaults_that_are_here_draw_as_in_clipit(downloaded, caplog):
    settings = applied(**QUICK)
    engine = settings.engine().resolved()
    assert not caplog.records
    assert (engine.preset, engine.start, engine.views, engine.learning_rate) == ("clipit", "pixels", "clipit", 0.2)
    assert engine.clip_models == ("ViT-B/32", "ViT-B/16")
    assert engine.drawer_options["model"] == "imagenet_f16_16384"
    clipit.do_init(settings)
    assert clipit.do_run(settings)


@pytest.mark.parametrize("given", [{"clip_models": "RN101"}, {"vqgan_model": "coco"}])
def test_a_model_that_is_named_must_be_here(given):
    with pytest.raises(ClipitError, match=f"clipit models download {next(iter(given.values()))}"):
        clipit.do_init(applied(**QUICK, **given))


def test_only_what_was_not_named_gives_way(tiny, caplog):
    engine = applied(**QUICK, clip_models=str(tiny.resnet)).engine()
    assert engine.clip_models == (str(tiny.resnet),)
    assert "imagenet_f16_16384" in caplog.text
    assert "ViT" not in caplog.text


def test_a_drawer_without_a_vqgan_misses_none(caplog):
    applied(**QUICK, use_pixeldraw=True)
    assert "ViT-B/32" in caplog.text
    assert "imagenet" not in caplog.text


def test_a_learning_rate_that_is_given_is_in_clipits_unit():
    engine = applied(**QUICK, learning_rate=0.1).engine()
    assert (engine.learning_rate, engine.drawer_options["relative_rate"]) == (0.1, False)


def test_a_learning_rate_that_is_given_is_any_drawers():
    given = applied(**QUICK, drawer="fft", learning_rate=3)
    assert given.engine().learning_rate == 3
    assert not [sentence for sentence in given.said() if "learning_rate" in sentence]
    assert applied(**QUICK, drawer="fft").engine().learning_rate is None


# --- pixray's dialect, and ours ---------------------------------------------------------------------------------------


def test_run_is_all_calls_in_one():
    clipit.run("castle", "fft", size=(24, 16), iterations=2, num_cuts=4, output="waves.png")
    assert read_recipe("waves.png")["drawer"] == "fft"


@pytest.mark.parametrize(("name", "drawer"), [("clipdraw", "strokes"), ("fast_pixel", "pixel"), ("pixel", "pixel")])
def test_the_drawers_have_pixrays_names_too(name, drawer):
    assert applied(prompts="castle", drawer=name).engine().drawer == drawer


@pytest.mark.parametrize(
    "given", [{"drawer": "fft", "use_pixeldraw": True}, {"palette": "red", "target_palette": "blue"}]
)
def test_what_is_said_in_both_dialects_is_refused(given):
    with pytest.raises(ClipitError, match=" and ".join(given)):
        applied(prompts="castle", **given)


def test_palette_and_losses_are_pixrays():
    engine = applied(prompts="castle", palette="red", losses="symmetry:0.5,palette", custom_loss="smoothness").engine()
    assert (engine.palette, engine.losses, engine.palette_weight) == ("red", "symmetry:0.5, smoothness", 4)
    hexagons = applied(prompts="castle", drawer="pixel", pixel_type="hex").engine()
    assert hexagons.drawer_options["shape"] == "hex"


def test_every_setting_of_the_engine_has_an_option():
    made_of_several = {
        "prompts", "labels", "spot_prompts", "spot_prompts_off", "spot_mask", "image_prompts", "noise_prompts",
        "target_images", "image_labels", "losses", "start", "start_image", "start_alpha", "overlay_every",
        "overlay_image", "overlay_alpha", "size", "drawer", "drawer_options",
    }  # fmt: skip
    taken = {option.field for option in TABLE.values() if option.field}
    assert taken | made_of_several == {field.name for field in fields(clipit.Settings)}


def test_with_a_preset_what_is_not_given_follows_from_it():
    engine = applied(prompts="castle", preset="text2art", ezsize="medium", drawer="strokes",
                     drawer_options={"strokes": 9}).engine()  # fmt: skip
    assert engine == clipit.Settings(prompts="castle", scale=2, drawer="strokes", drawer_options={"strokes": 9})
