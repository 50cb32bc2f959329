import signal
from types import SimpleNamespace

import av
import pytest
from PIL import Image

from clipit import painting, read_recipe, save_png
from clipit.__main__ import main
from clipit.settings import image_digest
from clipit.weights.checkpoints import save_vqgan
from tests.clipit.conftest import tiny_vqgan

QUICK = ["--size", "24x16", "--iterations", "2", "--cuts", "4"]


@pytest.fixture
def run(tiny, monkeypatch, tmp_path, capsys):
    """The command in an empty folder, with tiny models in the place of the shipped ones."""
    monkeypatch.setattr("clipit.weights.checkpoints.WEIGHTS", tiny.folder)
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def invoked(*words):
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(exit_code=code, stdout=said.out, stderr=said.err)

    return invoked


def pixels(path):
    with Image.open(path) as image:
        return image_digest(image.convert("RGB"))


# --- our own command --------------------------------------------------------------------------------------------------


def test_a_picture_with_its_recipe_is_written(run, tmp_path):
    result = run("castle 🏰", "-o", "my castle.png", "--seed", 3, *QUICK)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "my castle.png" in result.stdout
    with Image.open(tmp_path / "my castle.png") as image:
        assert image.size == (24, 16)
    written = read_recipe(str(tmp_path / "my castle.png"))
    assert (written["prompts"], written["seed"], written["iterations"]) == ("castle 🏰", 3, 2)
    assert (written["preset"], written["quality"], written["start_alpha"]) == ("text2art", "draft", 255)
    assert [path.name for path in tmp_path.iterdir()] == ["my castle.png"]


def test_the_film_lies_beside_the_picture(run, tmp_path):
    result = run("castle", "-o", "castle.png", "--video", *QUICK)
    assert result.exit_code == 0
    assert "castle.mp4" in result.stdout
    with av.open(str(tmp_path / "castle.mp4")) as container:
        assert container.metadata["title"] == "castle"


@pytest.mark.parametrize("order", [["--video", "castle"], ["castle", "--video"], ["--video", "--", "-1 castle"]])
def test_a_switch_takes_no_prompt_for_its_value(run, tmp_path, order):
    assert run(*QUICK, *order).exit_code == 0
    assert read_recipe("output.mp4")["prompts"] in ("castle", "-1 castle")


def test_a_film_may_be_a_gif(run, tmp_path):
    assert run("castle", "--video-format", "gif", *QUICK).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"output.png", "output.gif"}


def test_rounding_is_said(run):
    assert "24 x 16" in run("castle", "--size", "25x17", "--iterations", "1").stdout


def test_words_that_the_models_do_not_know_are_said_before_drawing(run, tmp_path, caplog):
    said = "These models do not know 'giraffe dragon chimera'; nearest: giraffe, dragon"
    told_at = []
    caplog.handler.addFilter(lambda record: told_at.append((tmp_path / "output.png").exists()) or True)
    assert run("a giraffe dragon chimera", *QUICK).exit_code == 0
    assert caplog.messages[:1] == [said]
    assert told_at[:1] == [False]
    caplog.clear()
    assert run("--recipe", "output.png", "-o", "again.png").exit_code == 0
    assert caplog.messages[:1] == [said]
    caplog.clear()
    assert run("--verify", "output.png").exit_code == 0
    assert not caplog.messages


def test_a_start_image_is_taken(run, tmp_path):
    image = Image.new("RGB", (40, 40), "red")
    image.save(tmp_path / "start.png")
    assert run("castle", "--start-image", "start.png", *QUICK).exit_code == 0
    assert read_recipe(str(tmp_path / "output.png"))["start_image"] == image_digest(image)


def test_whatever_the_engine_can_be_told_can_be_written(run):
    result = run(
        "castle", "--drawer", "fft", "--option", "decay=0.5", "--losses", "symmetry:0.5", "--palette", "[red, blue]",
        "--palette-weight", "0.5", "--start", "gradient", "--overviews", "0.9", "0.5", "--average", "0.5",
        "--keep-best", "--schedule", "drop", "--batches", "2", *QUICK,
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    expected = {
        "drawer": "fft", "drawer_options": {"decay": 0.5}, "losses": "symmetry:0.5", "palette": "[red, blue]",
        "palette_weight": 0.5, "start": "gradient", "overviews": [0.9, 0.5], "average": 0.5, "keep_best": True,
        "schedule": "drop", "batches": 2,
    }  # fmt: skip
    assert expected.items() <= read_recipe("output.png").items()


def test_what_a_drawer_exports_lies_beside_the_picture(run, tmp_path):
    assert run("castle", "--drawer", "pixel", "--option", "cells=12x8", "-o", "castle.png", *QUICK).exit_code == 0
    with Image.open(tmp_path / "castle.1x.png") as image:
        assert image.size == (12, 8)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["castle", "--quality", "great"], "draft"),
        (["castle", "--aspect", "round"], "widescreen"),
        (["castle", "--size", "large"], "WIDTHxHEIGHT"),
        (["castle", "--size", "0x0"], "1 to 4096"),
        (["castle", "--size", "9000x9000"], "1 to 4096"),
        (["castle", "--iterations", "0"], "1 to 100000"),
        (["castle", "--checkpoint-every", "-3"], "accepted: 1 and more"),
        (["castle", "--checkpoint-every", "0"], "accepted: 1 and more"),
        (["castle", "--start-image", "nowhere.png"], "nowhere.png"),
        (["castle", "--start-image", "letter.txt"], "letter.txt"),
        (["castle", "--start-image", "torn.png"], "torn.png"),
        (["castle", "-o", "nowhere/castle.png"], "nowhere"),
        (["castle", "-o", "castle.mp4", "--video"], "castle.mp4"),
        (["castle", "--option", "decay"], "name=value"),
        (["castle", "--option", "decay=1"], "has no option 'decay'"),
        (["castle", "--colour", "red"], "--colour"),
        (["castle", "ruins"], "ruins"),
        (["castle", "-p", "ruins"], "two prompts"),
        (["castle", "--video-format", "avi"], "'mp4', 'gif', 'webp'"),
        (["castle", "--preset", "clipit"], "clipit models download"),
        (["--recipe", "letter.txt"], "no recipe"),
        (["--recipe", "whole.png", "--verify", "whole.png"], "command of its own"),
        (["resume", "whole.png"], "no drawing"),
        (["resume", "nowhere.clipit"], "nowhere.clipit"),
        (["verify", "whole.png"], "no recipe"),
        ([""], "for example"),
        ([], "for example"),
    ],
)
def test_what_cannot_be_painted_is_said_and_nothing_is_written(run, tmp_path, arguments, complaint):
    (tmp_path / "letter.txt").write_text("Dear castle")
    Image.effect_noise((64, 64), 80).save(tmp_path / "whole.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "whole.png").read_bytes()[:1000])
    files = set(tmp_path.iterdir())
    result = run(*arguments)
    assert result.exit_code == 1
    assert complaint in result.stderr
    assert set(tmp_path.iterdir()) == files


# --- clipit's command -------------------------------------------------------------------------------------------------


def test_the_flags_of_clipit_draw_with_the_defaults_of_clipit(run, tmp_path, caplog):
    result = run("-p", "castle", "-qua", "draft", "-asp", "square", "-sca", "0.2", "-i", "2", "-cuts", "4",
                 "-o", "out.png", "--video", "True")  # fmt: skip
    assert result.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"out.png", "out.mp4"}
    written = read_recipe("out.png")
    assert (written["size"], written["iterations"], written["cuts"]) == ([30, 30], 2, 4)
    assert "clipit models download ViT-B/32" in caplog.text


@pytest.mark.parametrize("word", ["False", "false", "0", "no"])
def test_a_switch_that_is_told_no_is_off(run, tmp_path, word):
    assert run("-p", "castle", "-s", "24", "16", "-i", "1", "-vid", word).exit_code == 0
    assert not (tmp_path / "output.mp4").exists()


def test_values_may_stand_behind_an_equals_sign(run):
    assert run("-p=castle", "-opt=AdamW", "-lr=0.1", "-i=1", "--size=24x16", "--seed=5").exit_code == 0
    assert {"optimiser": "AdamW", "learning_rate": 0.1, "seed": 5}.items() <= read_recipe("output.png").items()


def test_spots_strokes_and_noise_have_their_flags(run, tmp_path):
    Image.new("RGB", (8, 8), "black").save(tmp_path / "spot.png")
    result = run("-p", "castle", "-sp", "gold", "-spo", "fog", "-spf", "spot.png", "-cd", "True", "-st", "3",
                 "-nps", "1", "2", "-npw", "0.5", "-0.2", "-s", "24", "16", "-i", "1", "-cuts", "4")  # fmt: skip
    assert result.exit_code == 0
    written = read_recipe("output.png")
    assert (written["spot_prompts"], written["spot_prompts_off"]) == ("gold", "fog")
    assert (written["drawer"], written["drawer_options"]["strokes"]) == ("strokes", 3)
    assert written["noise_prompts"] == [[1, 0.5], [2, -0.2]]
    assert (tmp_path / "output.svg").read_bytes().startswith(b"<")


def test_models_are_a_command_of_their_own(run, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["models", "--help"])
    assert ended.value.code == 0
    assert "download" in capsys.readouterr().out


def test_help_names_the_options_and_the_other_commands(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for word in ("-qua", "--checkpoint-every", "clipit resume", "refused but for its default: "):
        assert word in said


# --- painting again ---------------------------------------------------------------------------------------------------


def test_a_recipe_paints_the_picture_again(run):
    run("castle", "-o", "first.png", "--seed", 3, *QUICK)
    assert run("--recipe", "first.png", "-o", "again.png").exit_code == 0
    assert pixels("again.png") == pixels("first.png")
    assert read_recipe("again.png") == read_recipe("first.png")


def test_a_film_carries_the_recipe_too(run):
    run("castle", "-o", "first.png", "--video", *QUICK)
    assert run("--recipe", "first.mp4", "-o", "again.png").exit_code == 0
    assert pixels("again.png") == pixels("first.png")


def test_a_recipe_may_be_changed(run):
    run("castle", "-o", "first.png", *QUICK)
    assert run("--recipe", "first.png", "ruins", "--seed", 9, "-o", "again.png").exit_code == 0
    changed = read_recipe("first.png") | {"prompts": "ruins", "seed": 9}
    assert read_recipe("again.png") == changed


@pytest.mark.parametrize(
    ("drawer", "changes", "options"),
    [
        (["strokes", "--strokes", 9, "--option", "segments=1"], ["--strokes", 5], {"strokes": 5, "segments": 1}),
        (["pixel"], ["--pixel_size", 10, 8, "--do_mono"], {"cells": [10, 8], "mono": True, "shape": "rect"}),
        (["pixel", "--pixel_type", "hex"], ["--drawer", "pixel", "--do_mono"], {"mono": True, "shape": "hex"}),
        (["pixel"], ["--use_clipdraw", "--strokes", 5], {"strokes": 5, "segments": 3}),
    ],
)
def test_options_of_the_drawer_change_a_recipe_too(run, caplog, drawer, changes, options):
    assert run("castle", "-o", "first.png", "--drawer", *drawer, *QUICK).exit_code == 0
    assert run("--recipe", "first.png", *changes, "-o", "again.png").exit_code == 0
    assert options.items() <= read_recipe("again.png")["drawer_options"].items()
    assert not caplog.records


def test_the_weight_of_what_a_recipe_has_may_be_changed(run, tmp_path, caplog):
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")
    run("castle", "--palette", "red", "--start-image", "red.png", "-o", "first.png", *QUICK)
    changes = ["--palette-weight", 0.5, "--start-alpha", 9, "--detail", 0.5, "--image", "red.png"]
    assert run("--recipe", "first.png", *changes, "-o", "again.png").exit_code == 0
    changed = {"palette_weight": 0.5, "start_alpha": 9, "detail": 0.5}
    assert read_recipe("again.png") == read_recipe("first.png") | changed
    assert not caplog.records


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--strokes", "5"], "strokes does nothing with the drawer 'fft'"),
        (["--overlay_alpha", "9"], "overlay_alpha does nothing without overlay_every"),
        (["--enforce_palette_annealing", "3"], "enforce_palette_annealing does nothing without target_palette"),
        (["--palette-weight", "3"], "palette_weight does nothing without palette or target_palette"),
        (["--start-alpha", "9"], "init_image_alpha does nothing without init_image"),
        (["--detail", "0.5"], "detail does nothing with the views 'clipit'"),
        (["--aesthetic-head", "no.head"], "aesthetic_head does nothing without the loss 'aesthetic'"),
    ],
)
def test_what_changes_nothing_in_a_recipe_is_said(run, caplog, words, said):
    run("castle", "-o", "first.png", "--drawer", "fft", "--views", "clipit", *QUICK)
    assert run("--recipe", "first.png", *words, "-o", "again.png").exit_code == 0
    assert caplog.messages == [said]
    assert read_recipe("again.png") == read_recipe("first.png")


def test_a_recipe_may_be_drawn_from_another_start(run):
    run("castle", "-o", "first.png", *QUICK)
    assert run("--recipe", "first.png", "--start", "noise", "-o", "again.png").exit_code == 0


def test_what_a_recipe_has_settled_is_not_asked_for_again(run):
    run("castle", *QUICK)
    assert "size, iterations" in run("--recipe", "output.png", "--quality", "best").stderr


def test_images_that_a_recipe_names_are_given_again(run, tmp_path):
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")
    Image.new("RGB", (9, 9), "black").save(tmp_path / "spot.png")
    run("castle", "--start-image", "red.png", "-sp", "gold", "-spf", "spot.png", "-o", "first.png", *QUICK)
    assert "digest" in run("--recipe", "first.png", "-o", "again.png").stderr
    images = ["--image", "red.png", "--image", "spot.png"]
    assert run("--recipe", "first.png", *images, "-o", "again.png").exit_code == 0
    assert pixels("again.png") == pixels("first.png")
    assert run("verify", "first.png", *images).exit_code == 0


@pytest.mark.parametrize("command", [["--recipe"], ["verify"]])
def test_other_weights_are_named(run, tmp_path, tiny, monkeypatch, command):
    run("castle", "-o", "first.png", *QUICK)
    (tmp_path / "weights").mkdir()
    for path in tiny.folder.iterdir():
        (tmp_path / "weights" / path.name).symlink_to(path)
    (tmp_path / "weights" / tiny.vqgan.name).unlink()
    save_vqgan(tmp_path / "weights" / tiny.vqgan.name, tiny_vqgan())
    monkeypatch.setattr("clipit.weights.checkpoints.WEIGHTS", tmp_path / "weights")
    result = run(*command, "first.png")
    assert result.exit_code == 1
    assert "other weights: vqgan-small.safetensors" in result.stderr


def test_the_same_picture_is_verified(run):
    run("castle", "-o", "castle.png", *QUICK)
    result = run("verify", "castle.png")
    assert (result.exit_code, result.stdout) == (0, "castle.png is the same, every pixel\n")


def test_another_picture_is_not(run):
    run("castle", "-o", "castle.png", *QUICK)
    recipe = read_recipe("castle.png")
    with Image.open("castle.png") as image:
        other = image.copy()
    other.putpixel((0, 0), tuple((part + 128) % 256 for part in other.getpixel((0, 0))))
    save_png(other, "other.png", recipe)
    save_png(other.resize((8, 8)), "smaller.png", recipe)
    assert "0.26% of the pixels differ, by 128 of 255" in run("verify", "other.png").stdout
    assert "another size" in run("verify", "smaller.png").stdout
    assert run("verify", "other.png").exit_code == 1


def test_a_recipe_of_another_version_is_said(run, caplog):
    run("castle", "-o", "castle.png", *QUICK)
    with Image.open("castle.png") as image:
        save_png(image, "old.png", read_recipe("castle.png") | {"text2art": "0.0.1"})
    assert run("verify", "old.png").exit_code == 0
    assert "0.0.1" in caplog.text


def test_a_film_is_not_verified(run):
    run("castle", "-o", "castle.png", "--video", *QUICK)
    assert "no PNG" in run("verify", "castle.mp4").stderr


# --- stopping and going on --------------------------------------------------------------------------------------------

LONGER = ["--size", "24x16", "--iterations", "5", "--cuts", "4", "--video"]


@pytest.fixture
def stopped(run, monkeypatch):
    """A command that Ctrl-C ends after the second step."""

    def pressing(frames, of):
        for frame in frames:
            if frame.step == 2:
                signal.raise_signal(signal.SIGINT)
            yield frame

    def invoked(*words):
        with monkeypatch.context() as patched:
            patched.setattr(painting, "with_bar", pressing)
            return run(*words)

    return invoked


def test_ctrl_c_ends_the_step_and_keeps_the_drawing(run, stopped):
    result = stopped("castle", "-o", "castle.png", *LONGER)
    assert result.exit_code == 130
    assert "clipit resume castle.clipit -o castle.png" in result.stdout
    assert read_recipe("castle.png")["step"] == 2
    assert run("verify", "castle.png").exit_code == 0


def test_a_stopped_drawing_goes_on_to_the_same_picture(run, stopped):
    run("castle", "-o", "whole.png", *LONGER)
    stopped("castle", "-o", "castle.png", "--checkpoint", "kept", *LONGER)
    assert run("resume", "kept", "-o", "castle.png").exit_code == 0
    assert pixels("castle.png") == pixels("whole.png")
    assert read_recipe("castle.png") == read_recipe("whole.png")
    assert run("--resume", "kept", "-o", "again.png", "--video").exit_code == 0
    assert pixels("again.png") == pixels("whole.png")


def test_a_drawing_is_kept_every_so_many_steps_until_it_is_done(run, monkeypatch, tmp_path):
    kept = []
    monkeypatch.setattr("clipit.drawing.Drawing.state", lambda drawing: b"%d" % drawing.step)
    write = painting.write_whole
    monkeypatch.setattr(painting, "write_whole", lambda path, data: (kept.append((path.name, data)), write(path, data)))
    assert run("castle", *LONGER, "--checkpoint-every", 2).exit_code == 0
    assert [each for each in kept if each[0].endswith(".clipit")] == [("output.clipit", b"2"), ("output.clipit", b"4")]
    assert not (tmp_path / "output.clipit").exists()


def test_what_goes_on_keeps_its_settings(run, tmp_path):
    (tmp_path / "kept").write_bytes(b"")
    assert "seed cannot be given" in run("resume", "kept", "--seed", 4).stderr
