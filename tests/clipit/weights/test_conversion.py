import json

import pytest
import torch
from safetensors import safe_open

from clipit import ClipitError
from clipit.weights import cache
from clipit.weights.catalogue import Entry, File, Source
from clipit.weights.checkpoints import find, load_clip, load_vqgan, source_of, verify
from clipit.weights.conversion import bring, convert, install
from clipit.weights.digests import digest
from clipit.weights.download import Patience
from clipit.weights.formats import Trained
from tests.clipit.weights.published import F16, GUMBEL, VIT, network, openai_archive, taming
from tests.clipit.weights.shop import open_shop, says

ONCE = Patience(tries=1, pause=lambda _: None)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def offered(name, kind, *files, **trained):
    """An entry of these files, each a pair of shops: checkpoint and .yaml."""
    return Entry(name, kind, "nobody; no licence", tuple(Source(*each) for each in files), **trained)


def dtypes(path):
    with safe_open(path, "pt") as file:
        return {file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118 - not a mapping


def test_a_converted_clip_computes_what_the_published_one_did(tmp_path):
    model = openai_archive(tmp_path / "a.pt", VIT).float()
    convert(tmp_path / "a.pt", tmp_path / "a.safetensors")
    loaded, tokenizer, mean, _ = load_clip(tmp_path / "a.safetensors")
    assert loaded.config == VIT
    pictures, tokens = torch.randn(2, 3, 224, 224), tokenizer(["a castle", "the sea"], 77)
    assert torch.equal(loaded.encode_image(pictures), model.encode_image(pictures))
    assert torch.equal(loaded.encode_text(tokens), model.encode_text(tokens))
    assert mean[0] == 0.48145466
    assert dtypes(tmp_path / "a.safetensors") == {torch.float16, torch.float32}
    assert load_clip(tmp_path / "a.pt")[0].state_dict().keys() == loaded.state_dict().keys()


@pytest.mark.parametrize("config", [F16, GUMBEL], ids=["VQModel", "GumbelVQ"])
def test_a_converted_vqgan_computes_what_the_published_one_did(tmp_path, config):
    model = taming(tmp_path / "a.ckpt", config)
    convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors")
    pictures = torch.rand(1, 3, 64, 64)
    for loaded in (load_vqgan(tmp_path / "a.safetensors"), load_vqgan(tmp_path / "a.ckpt")):
        assert torch.equal(loaded.encode(pictures), model.encode(pictures))
        assert torch.equal(loaded.decode(loaded.encode(pictures)), model.decode(model.encode(pictures)))
    assert dtypes(tmp_path / "a.safetensors") == {torch.float32}


def test_half_the_room_is_taken_on_request(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", half=True)
    assert dtypes(tmp_path / "a.safetensors") == {torch.float16}
    assert load_vqgan(tmp_path / "a.safetensors").decoder.conv_in.weight.dtype == torch.float32


def test_a_converted_file_says_what_it_was_and_notices_damage(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    convert(tmp_path / "a.ckpt", path := tmp_path / "a.safetensors")
    assert source_of(path) == {"file": "a.ckpt", "sha256": digest(tmp_path / "a.ckpt")}
    assert verify(path) == "a vqgan, as it was converted"
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ClipitError, match="is damaged"):
        verify(path)


def test_published_and_shipped_files_can_be_verified_too(tmp_path):
    openai_archive(tmp_path / "a.pt", VIT)
    assert verify(tmp_path / "a.pt") == f"a clip as published, SHA-256 {digest(tmp_path / 'a.pt')}"
    assert verify(find("vqgan", "small")).startswith("a vqgan that fits its configuration")
    assert verify(find("sketcher", "small")).startswith("a sketcher that fits")
    (tmp_path / "a.pt").write_bytes((tmp_path / "a.pt").read_bytes()[:-2000])
    with pytest.raises(ClipitError, match=r"a\.pt"):
        verify(tmp_path / "a.pt")


def test_a_place_that_cannot_be_written_to_is_named_and_nothing_is_left(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    with pytest.raises(ClipitError, match="cannot be written"):
        convert(tmp_path / "a.ckpt", tmp_path / "nowhere" / "a.safetensors")


def test_a_model_is_brought_converted_and_found_by_its_name(tmp_path, folder, monkeypatch):
    openai_archive(tmp_path / "a.pt", VIT)
    goods = (tmp_path / "a.pt").read_bytes()
    with open_shop(goods) as shop:
        each = offered("Tiny/32", "clip", [File(shop.address, len(goods), shop.sha256)], quick_gelu=True)
        path = bring(each, patience=ONCE)
    assert path == folder / "clip-Tiny-32.safetensors"
    assert [file.name for file in folder.rglob("*.pt")] == []
    assert source_of(path) == {"name": "Tiny/32", "file": "clip-Tiny-32.pt", "sha256": shop.sha256,
                               "address": shop.address}  # fmt: skip
    monkeypatch.setattr("clipit.weights.checkpoints.look_up", lambda name: each if name == "Tiny/32" else None)
    assert load_clip(find("clip", "Tiny/32"))[0].config == VIT


def test_the_catalogues_word_on_activation_mean_and_deviation_is_kept(tmp_path):
    openai_archive(tmp_path / "a.pt", VIT)
    with open_shop((tmp_path / "a.pt").read_bytes()) as shop:
        path = bring(offered("T", "clip", [File(shop.address)], mean=(0.5,) * 3, deviation=(0.4,) * 3), patience=ONCE)
    model, _, mean, deviation = load_clip(path)
    assert (model.config.quick_gelu, mean, deviation) == (False, (0.5,) * 3, (0.4,) * 3)


def test_a_vqgan_is_brought_with_its_yaml_and_kept_on_request(tmp_path, folder):
    taming(tmp_path / "a.ckpt", GUMBEL)
    steps = []
    with (
        open_shop((tmp_path / "a.ckpt").read_bytes()) as weights,
        open_shop((tmp_path / "a.yaml").read_bytes()) as described,
    ):
        each = offered("gumbel", "vqgan", [File(weights.address), File(described.address)])
        path = bring(each, lambda *step: steps.append(step), ONCE, keep=True)
    assert load_vqgan(path).config == GUMBEL
    assert steps[-1][0] == steps[-1][1] == len(weights.goods)
    kept = sorted(file.name for file in (folder / "published").iterdir() if file.suffix != ".lock")
    assert kept == ["vqgan-gumbel.pt", "vqgan-gumbel.yaml"]


def test_without_a_published_digest_that_of_the_first_download_holds(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    taming(tmp_path / "b.ckpt", GUMBEL)
    with open_shop((tmp_path / "a.ckpt").read_bytes()) as shop:
        each = offered("f", "vqgan", [File(shop.address)])
        bring(each, patience=ONCE)
        bring(each, patience=ONCE)
        first, shop.goods = shop.sha256, (tmp_path / "b.ckpt").read_bytes()
        with pytest.raises(ClipitError, match=f"has the SHA-256 {shop.sha256}, not {first}"):
            bring(each, patience=ONCE)
        cache.converted(each).unlink()
        assert load_vqgan(bring(each, patience=ONCE)).config == GUMBEL


def test_where_one_source_fails_the_next_is_asked(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    goods = (tmp_path / "a.ckpt").read_bytes()
    with open_shop(goods, says(404)) as gone, open_shop(goods) as shop:
        each = offered("f", "vqgan", [File(gone.address)], [File(shop.address, None, shop.sha256)])
        assert source_of(bring(each, patience=ONCE))["address"] == shop.address
        each = offered("g", "vqgan", [File(gone.address)], [File(shop.address, None, "0" * 64)])
        with pytest.raises(ClipitError, match=r"answers 404 .*; what .* has the SHA-256"):
            bring(each, patience=ONCE)


def test_a_model_of_the_other_kind_is_not_installed(tmp_path):
    taming(tmp_path / "a.ckpt", F16)
    with (
        open_shop((tmp_path / "a.ckpt").read_bytes()) as shop,
        pytest.raises(ClipitError, match="holds a vqgan, and T"),
    ):
        bring(offered("T", "clip", [File(shop.address)]), patience=ONCE)


def test_a_file_that_came_another_way_is_installed_if_it_is_the_one(tmp_path, folder):
    taming(tmp_path / "a.ckpt", F16)
    right, wrong = digest(tmp_path / "a.ckpt"), "0" * 64
    each = offered("f", "vqgan", [File("https://a/a.ckpt", None, wrong)], [File("https://b/a.ckpt", None, right[:8])])
    assert install(each, tmp_path / "a.ckpt") == folder / "vqgan-f.safetensors"
    with pytest.raises(ClipitError, match=f"a.ckpt is not f: its SHA-256 is {right}"):
        install(offered("f", "vqgan", [File("https://a/a.ckpt", None, wrong)]), tmp_path / "a.ckpt")
    assert install(offered("g", "vqgan", [File("https://a/a.ckpt")]), tmp_path / "a.ckpt", half=True).is_file()


def test_a_clip_is_converted_as_it_is_said_to_have_been_trained(tmp_path):
    torch.save(network(VIT).state_dict(), tmp_path / "a.pt")
    for quick in (True, False):
        convert(tmp_path / "a.pt", tmp_path / "a.safetensors", trained=Trained(quick))
        with safe_open(tmp_path / "a.safetensors", "pt") as file:
            assert json.loads(file.metadata()["config"])["quick_gelu"] is quick
