import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from clipit import ClipitError
from clipit.weights.checkpoints import find, load_clip, load_vqgan, save_vqgan, shipped
from clipit.weights.digests import digest
from clipit.weights.formats import SUFFIXES
from tests.clipit.conftest import DEVIATION, MEAN, MERGES, tiny_vqgan


def metadata(**values):
    return {name: json.dumps(value) for name, value in values.items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "broken.safetensors"


def test_a_vqgan_comes_back_in_the_precision_of_bfloat16(path):
    model = tiny_vqgan()
    save_vqgan(path, model)
    loaded = load_vqgan(path)
    assert loaded.config == model.config
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor.bfloat16().float())


def test_a_clip_comes_back_with_all_that_feeds_it(tiny):
    model, tokenizer, mean, deviation = load_clip(tiny.resnet)
    assert model.config.vision_layers == (1, 1, 1, 1)
    assert len(tokenizer) == 512 + len(MERGES) + 2 == model.config.vocab_size
    assert (mean, deviation) == (MEAN, DEVIATION)
    assert model.visual.bn1.running_mean.any()


def test_loaded_models_neither_learn_nor_drop(tiny):
    for model in (load_vqgan(tiny.vqgan), load_clip(tiny.resnet)[0]):
        assert not any(parameter.requires_grad for parameter in model.parameters())
        assert not any(module.training for module in model.modules())


@pytest.mark.parametrize("data", [b"", b"garbage" * 100, b"\x02" + b"\0" * 7 + b"{}", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("load", [load_clip, load_vqgan])
def test_what_is_no_model_is_refused(path, load, data):
    path.write_bytes(data)
    with pytest.raises(ClipitError, match="broken"):
        load(path)


def test_a_truncated_file_is_refused(tiny, path):
    path.write_bytes(tiny.vqgan.read_bytes()[:-100])
    with pytest.raises(ClipitError, match="broken"):
        load_vqgan(path)


def test_a_model_of_another_kind_is_refused(tiny):
    with pytest.raises(ClipitError, match="holds a clip, not a vqgan"):
        load_vqgan(tiny.resnet)
    with pytest.raises(ClipitError, match="holds a vqgan, not a clip"):
        load_clip(tiny.vqgan)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"kind": "vqgan"}, "does not say its config"),
        ({"kind": "vqgan", "config": {"colour": "red"}}, "colour"),
        ({"kind": "vqgan", "config": {"ch": 8, "groups": 4, "z_channels": 4, "n_embed": 2, "embed_dim": 4}}, "fit"),
    ],
)
def test_a_file_that_does_not_describe_its_model_is_refused(path, values, complaint):
    save_file({"quantize.embedding.weight": torch.zeros(2, 4)}, path, metadata(**values))
    with pytest.raises(ClipitError, match=complaint):
        load_vqgan(path)


def test_a_clip_without_merges_is_refused(path):
    save_file({"logit_scale": torch.zeros(1)}, path, metadata(kind="clip", config={}, mean=MEAN))
    with pytest.raises(ClipitError, match="merges, deviation"):
        load_clip(path)


def test_a_missing_tensor_is_named(tiny, path):
    tensors = load_file(tiny.vqgan)
    del tensors["decoder.conv_in.weight"]
    config = {**load_vqgan(tiny.vqgan).config.__dict__}
    save_file(tensors, path, metadata(kind="vqgan", config=config))
    with pytest.raises(ClipitError, match=r"decoder\.conv_in\.weight"):
        load_vqgan(path)


def test_a_path_is_itself_and_a_name_is_a_shipped_file(tiny, monkeypatch):
    assert find("clip", str(tiny.vit)) == tiny.vit
    monkeypatch.setattr("clipit.weights.checkpoints.WEIGHTS", tiny.folder)
    assert shipped("clip") == ["resnet", "small"]
    assert find("vqgan", "small") == tiny.vqgan


def test_an_unknown_name_is_answered_with_the_known_ones(tiny, monkeypatch):
    monkeypatch.setattr("clipit.weights.checkpoints.WEIGHTS", tiny.folder)
    with pytest.raises(ClipitError, match=r"'resnet', 'small', RN50, .*, or the path"):
        find("clip", "huge")
    with pytest.raises(ClipitError, match="no vqgan model"):
        find("vqgan", "/nowhere/some.safetensors")


@pytest.mark.parametrize(
    "name", ["/dev/zero", "/dev/zero.pt", "a\0b.pt", "a" * 5000, "/" + "a" * 5000 + ".pt", "~nobody-here/model.pt"]
)
def test_a_name_that_cannot_be_a_file_is_refused_in_few_words(name):
    with pytest.raises(ClipitError, match="no vqgan model") as refused:
        find("vqgan", name)
    assert len(str(refused.value)) < 1000


def test_what_is_no_regular_file_is_no_model(tmp_path):
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "zeros.pt").symlink_to("/dev/zero")
    for name in ("folder.pt", "zeros.pt"):
        with pytest.raises(ClipitError, match="no clip model"):
            find("clip", str(tmp_path / name))


def test_the_digest_is_that_of_the_bytes(path):
    path.write_bytes(b"abc")
    assert digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2


def test_a_published_name_that_is_not_here_says_the_command_that_brings_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path))
    with pytest.raises(ClipitError, match=r"`clipit models download ViT-B/32` brings it"):
        find("clip", "vit-b-32")
    with pytest.raises(ClipitError, match="no vqgan model 'ViT-B/32'; accepted: 'small', imagenet_f16_1024"):
        find("vqgan", "ViT-B/32")
    (tmp_path / "clip-ViT-B-32.safetensors").write_bytes(b"")
    assert find("clip", "ViT-B/32") == tmp_path / "clip-ViT-B-32.safetensors"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_published_file_is_found_by_its_path(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    path.touch()
    assert find("vqgan", str(path)) == path


@pytest.mark.parametrize(
    "config",
    [
        {"vision_layers": 10**9},
        {"vision_layers": [10**9, 1, 1, 1], "vision_patch_size": None},
        {"vision_layers": -5},
        {"vision_layers": "many"},
        {"transformer_heads": 0},
        {"vision_width": 1},
        {"vocab_size": 10**15},
        {"vision_patch_size": 0},
    ],
)
def test_a_configuration_that_no_network_has_is_refused_at_once(tmp_path, config):
    path = tmp_path / "broken.safetensors"
    said = {"kind": "clip", "config": config, "merges": [], "mean": MEAN, "deviation": MEAN}
    save_file({str(number): torch.zeros(1) for number in range(40)}, path, metadata(**said))
    with pytest.raises(ClipitError, match="broken"):
        load_clip(path)


def test_merges_that_are_none_are_refused(tiny, path):
    tensors, wrong = load_file(tiny.vit), {"mean": MEAN, "deviation": MEAN}
    for merges in (7, [7], [["a"]], [["a", 5]]):
        save_file(tensors, path, metadata(kind="clip", config={}, merges=merges, **wrong))
        with pytest.raises(ClipitError, match="broken"):
            load_clip(path)


def test_loading_does_not_load_the_compiler():
    code = (
        "import sys; from clipit.weights.checkpoints import *; load_clip(find('clip', 'small')); "
        "load_vqgan(find('vqgan', 'small')); load_sketcher(find('sketcher', 'small')); "
        "print({'torch._dynamo', 'sympy'} & {*sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
