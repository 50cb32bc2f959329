import av
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from clipit import read_recipe
from clipit.__main__ import paint

QUICK = ["--size", "24x16", "--iterations", "2"]


@pytest.fixture
def run(tiny, monkeypatch, tmp_path):
    """The command in an empty folder, with tiny models in the place of the shipped ones."""
    monkeypatch.setattr("clipit.checkpoints.WEIGHTS", tiny.folder)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(paint)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_picture_with_its_recipe_is_written(run, tmp_path):
    result = run("castle 🏰", "-o", "my castle.png", "--seed", 3, *QUICK)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "my castle.png" in result.stdout
    with Image.open(tmp_path / "my castle.png") as image:
        assert image.size == (24, 16)
    written = read_recipe(str(tmp_path / "my castle.png"))
    assert (written["prompts"], written["seed"], written["iterations"]) == ("castle 🏰", 3, 2)


def test_the_film_lies_beside_the_picture(run, tmp_path):
    result = run("castle", "-o", "castle.png", "--video", *QUICK)
    assert result.exit_code == 0
    assert "castle.mp4" in result.stdout
    with av.open(str(tmp_path / "castle.mp4")) as container:
        assert len(list(container.decode(video=0))) == 2
        assert container.metadata["comment"] == "castle"


def test_rounding_is_said(run):
    assert "24 x 16" in run("castle", "--size", "25x17", "--iterations", "1").stdout


def test_a_start_image_is_taken(run, tmp_path):
    Image.new("RGB", (40, 40), "red").save(tmp_path / "start.png")
    assert run("castle", "--start-image", "start.png", *QUICK).exit_code == 0
    assert read_recipe(str(tmp_path / "output.png"))["start"] == "image"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["castle", "--quality", "great"], "draft"),
        (["castle", "--aspect", "round"], "widescreen"),
        (["castle", "--size", "large"], "WIDTHxHEIGHT"),
        (["castle", "--size", "0x0"], "1 to 4096"),
        (["castle", "--size", "9000x9000"], "1 to 4096"),
        (["castle", "--iterations", "0"], "1 to 100000"),
        (["castle", "--seed", "-1"], "0 to 4294967295"),
        (["castle", "--start-image", "nowhere.png"], "nowhere.png"),
        (["castle", "--start-image", "letter.txt"], "letter.txt"),
        (["castle", "--start-image", "torn.png"], "torn.png"),
        (["castle", "-o", "nowhere/castle.png"], "nowhere"),
        (["castle", "-o", "castle.mp4", "--video"], "castle.mp4"),
        ([""], "for example"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_painted_is_said_and_nothing_is_written(run, tmp_path, arguments, complaint):
    (tmp_path / "letter.txt").write_text("Dear castle")
    Image.effect_noise((64, 64), 80).save(tmp_path / "whole.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "whole.png").read_bytes()[:1000])
    files = set(tmp_path.iterdir())
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    assert set(tmp_path.iterdir()) == files
