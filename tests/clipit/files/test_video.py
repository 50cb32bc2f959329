import base64
import threading
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clipit import ClipitError, film, frame_rate
from clipit.files import video
from tests.browser import open_browser
from tests.clipit.files.films import RECIPE, lasts, light, seen, shades, shot

FORMATS = ["mp4", "gif", "webp"]
HELD = {"mp4": 1, "gif": 2, "webp": 2}  # seconds


def soft_noise(side, seed):
    pixels = np.random.default_rng(seed).integers(60, 200, (8, 8, 3), np.uint8)
    return np.array(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("frames", "rate"),
    [
        (1, 10),
        (150, 10),
        (200, Fraction(40, 3)),
        (350, Fraction(70, 3)),
        (500, Fraction(100, 3)),
        (900, 60),
        (9000, 60),
    ],
)
def test_a_film_lasts_15_seconds_within_10_to_60_frames_a_second(frames, rate):
    assert frame_rate(frames) == rate


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("frames", "seconds"), [(1, 0), (5, 0.5), (200, 15), (500, 15), (960, 16)])
def test_what_is_painted_keeps_to_that_and_the_finished_picture_is_held(tmp_path, kind, frames, seconds):
    path = shot(tmp_path / f"film.{kind}", shades(frames, (4, 4)))
    # A single frame, as the last of any film, is shown for as long as it is held.
    assert lasts(path) == pytest.approx(seconds + HELD[kind], abs=0.15)
    finished = light(path)[-1]
    assert sum(time for time, pixels in seen(path) if abs(pixels.mean() - finished) < 0.05) >= HELD[kind]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_frame_is_in_it_in_order(tmp_path, kind):
    assert light(shot(tmp_path / f"film.{kind}", shades(6)))[:6] == pytest.approx([0, 40, 80, 120, 160, 200], abs=3)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_finished_picture_is_seen_as_it_was_painted(tmp_path, kind):
    finished = soft_noise(96, seed=5)
    path = shot(tmp_path / f"film.{kind}", [soft_noise(96, seed) for seed in range(5)] + [finished])
    difference = seen(path)[-1][1].astype(int) - finished
    assert np.abs(difference).mean() < {"mp4": 4, "gif": 9, "webp": 4}[kind]  # a GIF is dithered
    assert np.abs(difference.mean((0, 1))).max() < 2  # no channel is brighter or darker


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_frames_are_the_same_bytes(tmp_path, kind):
    frames = [soft_noise(96, seed) for seed in range(20)]
    assert len({shot(tmp_path / f"film.{kind}", frames, recipe=RECIPE).read_bytes() for _ in range(4)}) == 1


def test_the_ending_or_the_format_decides(tmp_path):
    starts = [
        shot(tmp_path / "film.WebP", shades(2)).read_bytes()[8:12],
        shot(tmp_path / "film", shades(2), format="gif").read_bytes()[:6],
        shot(tmp_path / "film.gif", shades(2), format="mp4").read_bytes()[4:8],
    ]
    assert starts == [b"WEBP", b"GIF89a", b"ftyp"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["wars: a new hope", "http://films.test", "100 %d", "-i", "城 '\"\\", "." * 40])
def test_a_name_is_a_name_and_nothing_else(tmp_path, monkeypatch, kind, name):
    monkeypatch.chdir(tmp_path)
    name = name.replace("/", "-")
    shot(Path(f"{name}.{kind}"), shades(2))
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.{kind}"]
    assert len(seen(tmp_path / f"{name}.{kind}")) >= 2


@pytest.mark.parametrize("name", ["film", "film.avi"])
def test_an_unknown_format_is_refused(tmp_path, name):
    with pytest.raises(ClipitError, match="accepted: 'mp4', 'gif', 'webp'"):
        shot(tmp_path / name, shades(2))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((24, 33, 3), np.uint8),
        np.zeros((32, 24, 3), np.uint8),
        np.zeros((24, 32), np.uint8),
        np.zeros((24, 32, 3)),
    ],
)
def test_a_frame_of_another_shape_is_refused(tmp_path, kind, frame):
    with pytest.raises(ClipitError, match="accepted: 24 x 32 x 3 uint8"):
        shot(tmp_path / f"film.{kind}", [*shades(2), frame])
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(0, 8), (8, -1)])
def test_a_film_without_pixels_is_refused(tmp_path, kind, size):
    with pytest.raises(ClipitError, match="1 x 1"), film(tmp_path / f"film.{kind}", 5, size):
        pass
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
def test_a_film_without_frames_is_refused(tmp_path, kind):
    with pytest.raises(ClipitError, match="at least one frame"), film(tmp_path / f"film.{kind}", 5, (8, 8)):
        pass
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
def test_a_recipe_that_cannot_be_written_is_refused_before_anything_is_filmed(tmp_path, kind):
    with pytest.raises(ClipitError, match="recipe"):
        shot(tmp_path / f"film.{kind}", shades(2), recipe={"prompts": "half a character: \ud83c"})
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("painted", [0, 20])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
def test_a_painting_that_fails_leaves_the_folder_as_it_was(tmp_path, kind, painted, error):
    path = tmp_path / f"film.{kind}"
    path.write_bytes(b"yesterday's")
    with pytest.raises(error), film(path, 20, (32, 24)) as reel:
        for frame in shades(20)[:painted]:
            reel.add(frame)
        raise error
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(path.name, b"yesterday's")]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_that_is_not_there_is_told_at_once(tmp_path, kind):
    with pytest.raises(FileNotFoundError):
        shot(tmp_path / "nowhere" / f"film.{kind}", shades(2))


class FakeWriter:
    """Keeps what it is given, as soon as it may; fails at the frame that it is told."""

    def __init__(self, fails_at=None):
        self.written, self.may, self.fails_at, self.finished = [], threading.Event(), fails_at, False

    def __call__(self, path, rate, size, recipe):
        path.touch()
        return self

    def write(self, pixels):
        assert self.may.wait(30)
        if len(self.written) == self.fails_at:
            raise OSError("no space left")
        self.written.append(pixels)

    def finish(self):
        self.finished = True

    def close(self):
        pass


@pytest.fixture
def writer(monkeypatch):
    def use(**options):
        fake = FakeWriter(**options)
        monkeypatch.setitem(video.FORMATS, "mp4", fake)
        return fake

    return use


def test_the_painter_does_not_wait_for_the_encoder_and_may_paint_over_a_frame(tmp_path, writer):
    slow, canvas = writer(), np.zeros((2, 2, 3), np.uint8)
    with film(tmp_path / "film.mp4", 4, (2, 2)) as reel:
        for shade in range(video.AHEAD):
            canvas[:] = shade
            reel.add(canvas)
        assert slow.written == []
        slow.may.set()
    assert [int(pixels[0, 0, 0]) for pixels in slow.written] == [0, 1, 2, 3]
    assert slow.finished


@pytest.mark.parametrize("fails_at", [0, 3, 19])
def test_an_error_of_the_encoder_reaches_the_painter(tmp_path, writer, fails_at):
    failing = writer(fails_at=fails_at)
    failing.may.set()
    with pytest.raises(OSError, match="no space left"):
        shot(tmp_path / "film.mp4", shades(20))
    assert not failing.finished
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
def test_a_film_may_be_longer_than_the_memory(tmp_path, kind):
    frame = soft_noise(128, seed=0)
    with film(tmp_path / f"film.{kind}", 80, (128, 128)) as reel:
        reel.add(frame)
        tracemalloc.start()
        for _ in range(79):
            reel.add(frame)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20 * frame.nbytes


PLAYED = """async kind => {
    const pixels = source => {
        const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 48});
        const brush = canvas.getContext("2d");
        brush.drawImage(source, 0, 0);
        return btoa(String.fromCharCode(...brush.getImageData(0, 0, 64, 48).data));
    };
    if (kind === "mp4") {
        const video = Object.assign(document.createElement("video"), {muted: true, src: "film.mp4"});
        document.body.append(video);
        const ended = new Promise(resolve => video.onended = resolve);
        await video.play();
        await ended;
        return [video.duration, pixels(video)];
    }
    const data = await (await fetch(`film.${kind}`)).arrayBuffer();
    const decoder = new ImageDecoder({data, type: `image/${kind}`});
    await decoder.tracks.ready;
    await decoder.completed;
    const {frameCount, repetitionCount} = decoder.tracks.selectedTrack;
    let seconds = 0, image;
    for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
        ({image} = await decoder.decode({frameIndex}));
        seconds += image.duration / 1e6;
    }
    return [repetitionCount === Infinity ? seconds : NaN, pixels(image)];
}"""


def test_a_browser_plays_it_to_the_finished_picture(tmp_path):
    frames = [np.array(Image.fromarray(soft_noise(64, seed)).resize((64, 48))) for seed in range(5)]
    films = {kind: shot(tmp_path / f"film.{kind}", frames, recipe=RECIPE).read_bytes() for kind in FORMATS}

    def answer(route):
        kind = route.request.url.rpartition(".")[2]
        mime = {"mp4": "video/mp4", "gif": "image/gif", "webp": "image/webp"}.get(kind, "text/html")
        route.fulfill(body=films.get(kind, b"<!doctype html>"), content_type=mime)

    with open_browser() as browser:
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto("https://films.test/")
        played = {kind: page.evaluate(PLAYED, kind) for kind in FORMATS}
    for kind, (seconds, data) in played.items():
        assert seconds == pytest.approx({"mp4": 1.5, "gif": 2.4, "webp": 2.4}[kind])
        last = np.frombuffer(base64.b64decode(data), np.uint8).reshape(48, 64, 4)[..., :3].astype(int)
        assert np.abs(last - frames[-1]).mean() < {"mp4": 5, "gif": 9, "webp": 5}[kind]
