import subprocess
import sys

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from clipit import ClipitError
from clipit.losses.palette import nearest, palette_loss
from clipit.palettes import MOST, parse_palette, ramp, written_out

BLACK, WHITE, RED = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)


def from_hex(*names):
    return [tuple(int(name[place : place + 2], 16) / 255 for place in (0, 2, 4)) for name in names]


def test_a_name_is_sixteen_steps_from_black_to_it():
    palette = parse_palette("white")
    assert palette == tuple((step / 15,) * 3 for step in range(16))


@pytest.mark.parametrize(
    ("text", "count", "first", "last"),
    [
        ("red->#ff0000", 16, from_hex("e50000")[0], RED),
        ("red->#ff0000\\20", 20, from_hex("e50000")[0], RED),
        ("rust\\8", 8, BLACK, from_hex("a83c09")[0]),
        ("black->red->white", 16, BLACK, WHITE),
        (" black -> white \\ 3".replace("\\ ", "\\"), 3, BLACK, WHITE),
        ("[black, red, #f00]", 3, BLACK, RED),
        ("[black, white]\\5", 5, BLACK, WHITE),
        ("[white]\\4", 4, WHITE, WHITE),
        ("white\\1", 1, WHITE, WHITE),
        ("red->white;blue->yellow", 32, from_hex("e50000")[0], from_hex("ffff14")[0]),
        ("red\\8;blue->yellow\\8", 16, BLACK, from_hex("ffff14")[0]),
        ("red->#ff0000\\20;[black]", 21, from_hex("e50000")[0], BLACK),
        ("gameboy", 4, from_hex("0f380f")[0], from_hex("9bbc0f")[0]),
        ("pico8", 16, BLACK, from_hex("ffccaa")[0]),
        ("pico8\\31", 31, BLACK, from_hex("ffccaa")[0]),
    ],
)
def test_the_grammar(text, count, first, last):
    palette = parse_palette(text)
    assert (len(palette), palette[0], palette[-1]) == (count, first, last)


def test_a_ramp_passes_through_its_colours():
    assert parse_palette("black->mat:red->white\\5") == (BLACK, (0.5, 0, 0), RED, (1, 0.5, 0.5), WHITE)


@given(st.integers(1, 6), st.integers(1, 40))
@example(3, 3)
def test_ramps_end_at_their_last_colour_and_stay_between(colours, steps):
    given_ones = [(place / 10, 1 - place / 10, 0.5) for place in range(colours)]
    ramped = ramp(given_ones, steps)
    assert len(ramped) == steps and ramped[-1] == pytest.approx(given_ones[-1])
    assert all(0 <= part <= 1 for each in ramped for part in each)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("red", "e50000"),  # xkcd's survey comes before CSS, as in clipit
        ("mat:red", "ff0000"),
        ("xkcd:red", "e50000"),
        ("XKCD:Cloudy Blue", "acc2d9"),
        ("cloudy blue", "acc2d9"),
        ("grey/green", "86a17d"),
        ("gray/green", "86a17d"),
        ("rebeccapurple", "663399"),
        ("mat:grey", "808080"),
        ("tab:orange", "ff7f0e"),
        ("tab:grey", "7f7f7f"),
        ("C1", "ff7f0e"),
        ("g", "008000"),
        ("#abc", "aabbcc"),
        ("#A0B0C0", "a0b0c0"),
        ("#a0b0c080", "a0b0c0"),
        ("(255+136+0)", "ff8800"),
    ],
)
def test_names_of_colours(name, value):
    assert parse_palette(f"[{name}]") == tuple(from_hex(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pixel_green", (0.44, 1.00, 0.53)),
        ("pixel_orange", (1.00, 0.80, 0.20)),
        ("pixel_blue", (0.44, 0.53, 1.00)),
        ("pixel_red", (1.00, 0.53, 0.44)),
        ("pixel_grayscale", (1.00, 1.00, 1.00)),
        ("[0+.5+1]", (0, 0.5, 1)),
    ],
)
def test_colours_as_shares(name, value):
    assert parse_palette(f"black->{name}")[-1] == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no colour ''"),
        ("red;", "no colour ''"),
        ("red->", "no colour ''"),
        ("gren", "near it: 'green'"),
        ("mat:cloudy blue", "no colour"),
        ("[black, red", "brackets"),
        ("red]", "brackets"),
        ("red\\", "number of steps"),
        ("red\\0", "1 to 256"),
        ("red\\99999999999999999999", "1 to 256"),
        ("red\\x", "'x'"),
        ("red\\٣", "number of steps"),
        ("(1+2)", "(255+136+0)"),
        ("(256+0+0)", "0 to 255"),
        ("(nan+0+0)", "0 to 255"),
        ("#12345", "no colour"),
        ("rgb(999,0,0)", "no colour"),
        ("red\\200;red\\200", f"at most {MOST}"),
        ("red\\256;red;no such", f"at most {MOST}"),  # what follows is not looked at
        (f"[{'no such,' * 300}]\\2", f"at most {MOST}"),
        ("->".join(["no such"] * 300), f"at most {MOST}"),
        ("@/dev/zero", "no palette file"),
        ("@missing.act", "no palette file"),
    ],
)
def test_what_is_no_palette_is_refused_in_words(text, said):
    with pytest.raises(ClipitError) as refused:
        parse_palette(text)
    assert said in str(refused.value)


@given(st.text(alphabet="red->[]\\;,#0f+@( mat:", max_size=40))
def test_whatever_is_written_gives_colours_or_is_refused(text):
    try:
        palette = parse_palette(text)
    except ClipitError:
        return
    assert palette and all(0 <= part <= 1 for each in palette for part in each)


def test_a_file_has_a_colour_on_each_line(tmp_path):
    (tmp_path / "three.hex").write_text("ff0000\n#00FF00\n\n0000ff\n")
    assert parse_palette(f"@{tmp_path / 'three.hex'}") == tuple(from_hex("ff0000", "00ff00", "0000ff"))


@pytest.mark.parametrize(("end", "count"), [(b"", 256), (b"\x00\x02\xff\xff", 2)])
def test_adobes_files_may_say_how_many_colours_they_have(tmp_path, end, count):
    (tmp_path / "two.act").write_bytes(bytes([255, 0, 0, 0, 0, 255]).ljust(768, b"\x07") + end)
    palette = parse_palette(f"@{tmp_path / 'two.act'}")
    assert len(palette) == count and list(palette[:2]) == from_hex("ff0000", "0000ff")


@pytest.mark.parametrize(
    ("name", "content"), [("a.hex", b"root:x:0"), ("a.act", b"short"), ("a.hex", b""), ("b", b"\xff")]
)
def test_other_files_are_refused_and_not_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClipitError, match="accepted") as refused:
        parse_palette(f"@{tmp_path / name}")
    assert "root" not in str(refused.value)


def test_what_files_hold_can_be_written_out(tmp_path):
    file = tmp_path / "two.hex"
    file.write_text("ff0000\n00FF80\n")
    text = f"red\\4; @{file} ;@{file}\\3; [black]"
    written = written_out(text)
    assert written == r"red\4;[#ff0000, #00ff80];[#ff0000, #00ff80]\3; [black]"
    assert parse_palette(written) == parse_palette(text)
    assert written_out(written) == written
    with pytest.raises(ClipitError, match="no palette file"):
        written_out("red;@/dev/zero")


def test_a_file_of_too_many_colours_is_refused(tmp_path):
    (tmp_path / "many.hex").write_text("ff0000\n" * (MOST + 1))
    with pytest.raises(ClipitError, match=f"at most {MOST}"):
        parse_palette(f"@{tmp_path / 'many.hex'}\\2")


def test_a_palette_is_read_without_torch():
    code = "import clipit.palettes, sys; clipit.palettes.parse_palette('cloudy blue'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_nearest_is_the_one_at_the_least_distance():
    generator = torch.Generator().manual_seed(0)
    colours, palette = torch.rand(2, 50, 3, generator=generator), torch.rand(7, 3, generator=generator)
    assert torch.equal(nearest(colours, palette), torch.cdist(colours, palette).argmin(-1))


def test_the_loss_is_the_mean_distance_to_the_nearest_colour():
    palette = torch.tensor(parse_palette("[black, mat:red]"))
    pictures = torch.zeros(2, 3, 2, 2)
    pictures[1, 0] = torch.tensor([[1.0, 0.75], [0.25, 0.5]])  # .25 from red, .25 from black, .5 from both
    assert palette_loss(pictures, palette).tolist() == pytest.approx([0, 0.25])


def test_its_gradient_pulls_every_colour_to_its_nearest_and_leaves_what_is_there():
    palette = torch.tensor(parse_palette("[black, white]"))
    pictures = torch.tensor([0.2, 0.9, 0.0, 1.0]).expand(1, 3, 1, 4).clone().requires_grad_()
    palette_loss(pictures, palette).sum().backward()
    assert pictures.grad[0, 0, 0].sign().tolist() == [1, -1, 0, 0]
