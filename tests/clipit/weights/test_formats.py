import dataclasses
import re

import pytest
import torch
from safetensors.torch import save_file

from clipit import ClipitError
from clipit.models.clip import CLIPConfig
from clipit.models.tokenizer import VOCABULARY, load_merges
from clipit.models.vqgan import VQGANConfig
from clipit.weights.catalogue import MEAN
from clipit.weights.formats import Trained, clip_config, read_published, read_yaml, vqgan_config, yaml_beside
from clipit.weights.networks import outline
from tests.clipit.weights.published import (
    F16,
    GUMBEL,
    RESNET,
    VIT,
    lightning,
    network,
    openai_archive,
    taming,
    taming_transformer,
    yaml_of,
)


# As published (openai/CLIP's build_model and open_clip's model_configs); millions of parameters by open_clip's
# docs/model_profile.csv.
def clip(embed, resolution, layers, width, patch, text, depth=12, **other):
    return CLIPConfig(
        embed, resolution, layers, width, patch,
        transformer_width=text, transformer_heads=text // 64, transformer_layers=depth, **other,
    )  # fmt: skip


CLIPS = {
    "RN50": (clip(1024, 224, (3, 4, 6, 3), 64, None, 512), 102.01),
    "RN101": (clip(512, 224, (3, 4, 23, 3), 64, None, 512), 119.69),
    "RN50x4": (clip(640, 288, (4, 6, 10, 6), 80, None, 640), 178.3),
    "RN50x16": (clip(768, 384, (6, 8, 18, 8), 96, None, 768), 290.98),
    "RN50x64": (clip(1024, 448, (3, 15, 36, 10), 128, None, 1024), 623.26),
    "ViT-B/32": (clip(512, 224, 12, 768, 32, 512), 151.28),
    "ViT-B/16": (clip(512, 224, 12, 768, 16, 512), 149.62),
    "ViT-B-16-plus-240": (clip(640, 240, 12, 896, 16, 640, quick_gelu=False), 208.38),
    "ViT-L/14": (clip(768, 224, 24, 1024, 14, 768), 427.62),
    "ViT-L/14@336px": (clip(768, 336, 24, 1024, 14, 768), 427.94),
    "ViT-H-14": (clip(1024, 224, 32, 1280, 14, 1024, 24, quick_gelu=False, vision_heads=16), 986.11),
}
VQGANS = {
    "imagenet_f16_1024": VQGANConfig(n_embed=1024),
    "imagenet_f16_16384": VQGANConfig(),
    "openimages_f8_8192": VQGANConfig(ch_mult=(1, 1, 2, 4), attn_resolutions=(32,), n_embed=8192, gumbel=True),
}


def shapes(config):
    return {name: tuple(value.shape) for name, value in outline(config).state_dict().items()}


@pytest.mark.parametrize(("config", "millions"), CLIPS.values(), ids=CLIPS)
def test_the_shapes_of_a_published_clip_tell_its_configuration(config, millions):
    found = shapes(config)
    assert clip_config(found, config.quick_gelu) == config
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    numbers = sum(torch.Size(shape).numel() for name, shape in found.items() if not name.endswith(statistics))
    assert round(numbers / 1e6, 2) == pytest.approx(millions, abs=0.01)


@pytest.mark.parametrize("config", VQGANS.values(), ids=VQGANS)
def test_the_shapes_of_a_published_vqgan_tell_its_configuration(config):
    assert vqgan_config(shapes(config)) == config
    assert read_yaml(yaml_of(config)) == config


def test_names_and_shapes_are_the_published_ones():
    """A sample of imagenet_f16_16384's and ViT-B/32's, as torch.load lists them."""
    vqgan, vit, resnet = (shapes(each) for each in (VQGANConfig(), CLIPConfig(), CLIPS["RN50"][0]))
    assert vqgan["quantize.embedding.weight"] == (16384, 256)
    assert vqgan["decoder.up.4.attn.2.proj_out.weight"] == (512, 512, 1, 1)
    assert vqgan["encoder.down.2.block.0.nin_shortcut.weight"] == (256, 128, 1, 1)
    assert vqgan["encoder.down.0.downsample.conv.weight"] == (128, 128, 3, 3)
    assert vit["visual.transformer.resblocks.11.attn.in_proj_weight"] == (2304, 768)
    assert vit["transformer.resblocks.0.mlp.c_proj.bias"] == (512,)
    assert vit["visual.positional_embedding"] == (50, 768)
    assert resnet["visual.layer4.0.downsample.0.weight"] == (2048, 1024, 1, 1)
    assert resnet["visual.attnpool.c_proj.weight"] == (1024, 2048)


@pytest.mark.parametrize("config", [VIT, RESNET], ids=["ViT", "ResNet"])
def test_an_archive_of_openai_is_read_in_its_own_precision(tmp_path, config):
    model = openai_archive(tmp_path / "model.pt", config)
    published = read_published(tmp_path / "model.pt")
    assert (published.kind, published.config) == ("clip", config)
    assert published.metadata == {"merges": load_merges(), "mean": MEAN, "deviation": Trained().deviation}
    wanted = {name: value for name, value in model.state_dict().items() if "num_batches_tracked" not in name}
    assert published.tensors.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert published.tensors[name].dtype == tensor.dtype
        assert torch.equal(published.tensors[name], tensor)
    assert {value.dtype for value in wanted.values()} == {torch.float16, torch.float32}


def test_a_clip_without_openais_constants_has_the_exact_gelu_unless_told(tmp_path):
    save_file(network(VIT).state_dict(), tmp_path / "open_clip_model.safetensors")
    exact = read_published(tmp_path / "open_clip_model.safetensors").config
    assert exact == dataclasses.replace(VIT, quick_gelu=False)
    told = Trained(quick_gelu=True, mean=(0.5,) * 3, deviation=(0.5,) * 3)
    published = read_published(tmp_path / "open_clip_model.safetensors", trained=told)
    assert published.config == VIT
    assert published.metadata["mean"] == (0.5, 0.5, 0.5)


def test_a_checkpoint_of_openclips_training_is_read(tmp_path):
    named = {f"module.{name}": value for name, value in network(VIT).state_dict().items()}
    torch.save({"epoch": 32, "name": "B/32", "state_dict": {**named, "module.attn_mask": torch.ones(77, 77)}},
               tmp_path / "vit.pt")  # fmt: skip
    published = read_published(tmp_path / "vit.pt")
    assert torch.equal(published.tensors["logit_scale"], named["module.logit_scale"])


@pytest.mark.parametrize("config", [F16, GUMBEL], ids=["VQModel", "GumbelVQ"])
@pytest.mark.parametrize("described", [True, False], ids=["with .yaml", "without"])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 2020"])
def test_a_checkpoint_of_taming_is_read_without_its_loss(tmp_path, config, described, zipped):
    model = taming(tmp_path / "last.ckpt", config, _use_new_zipfile_serialization=zipped)
    if not described:
        (tmp_path / "last.yaml").unlink()
    published = read_published(tmp_path / "last.ckpt")
    assert (published.kind, published.config) == ("vqgan", config)
    assert published.tensors.keys() == model.state_dict().keys()
    assert all(torch.equal(published.tensors[name], value) for name, value in model.state_dict().items())


def test_of_a_transformer_only_its_first_stage_is_read(tmp_path):
    model = taming_transformer(tmp_path / "last.ckpt", F16)
    published = read_published(tmp_path / "last.ckpt")
    assert published.config == F16
    assert torch.equal(published.tensors["quantize.embedding.weight"], model.state_dict()["quantize.embedding.weight"])


def test_a_yaml_elsewhere_can_be_named_and_must_fit(tmp_path):
    taming(tmp_path / "last.ckpt", F16)
    other = (tmp_path / "last.yaml").rename(tmp_path / "model.yml")
    assert read_published(tmp_path / "last.ckpt", other).config == F16
    other.write_text(yaml_of(dataclasses.replace(F16, n_embed=65)))
    with pytest.raises(ClipitError, match=r"'quantize.embedding.weight' is \(64, 16\), and should be \(65, 16\)"):
        read_published(tmp_path / "last.ckpt", other)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("", "describes a 'None'"),
        ("- 1", "describes a 'None'"),
        ("{", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        (yaml_of(F16).replace("VQModel", "EMAVQ"), "describes a 'EMAVQ'; accepted: VQModel, GumbelVQ or Net2"),
        (yaml_of(F16).replace("ch: 32", "ch: 0"), "its ch is 0"),
        (yaml_of(F16).replace("ch: 32", "ch: true"), "its ch is True"),
        (yaml_of(F16).replace("resolution: 256", "size: 256"), "its resolution is None"),
        (yaml_of(F16).replace("[16]", "16"), "its attn_resolutions is no list"),
        (yaml_of(F16).replace("out_ch: 3", "out_ch: 4"), "its out_ch is 4; accepted: 3"),
        (yaml_of(F16).replace("double_z: false", "double_z: true"), "its double_z is True"),
        ("model: &m {target: a.Net2NetTransformer, params: {first_stage_config: *m}}", "describes a 'Net2Net"),
    ],
)
def test_a_yaml_of_something_else_is_refused(wrong, complaint):
    with pytest.raises(ClipitError, match=re.escape(complaint)):
        read_yaml(wrong)


def test_a_yaml_is_beside_a_checkpoint_of_any_name(tmp_path):
    assert yaml_beside(tmp_path / ("a" * 252 + ".pt")) is None  # .yaml is too long a name
    (tmp_path / "last.yml").touch()
    assert yaml_beside(tmp_path / "last.ckpt") == tmp_path / "last.yml"


def test_an_unreadable_yaml_is_named(tmp_path):
    taming(tmp_path / "last.ckpt", F16)
    (tmp_path / "last.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ClipitError, match=r"last\.yaml cannot be read"):
        read_published(tmp_path / "last.ckpt")
    (tmp_path / "last.yaml").write_text(yaml_of(F16).replace("num_res_blocks: 1", "num_res_blocks: 1000000"))
    with pytest.raises(ClipitError, match="it has 5000000 blocks and"):
        read_published(tmp_path / "last.ckpt")


def test_another_architecture_is_refused_in_one_sentence(tmp_path):
    torch.save({"state_dict": {"model.diffusion_model.out.weight": torch.ones(2)}}, tmp_path / "sd.ckpt")
    with pytest.raises(ClipitError, match="holds no CLIP and no VQGAN in their authors' layout, but another one"):
        read_published(tmp_path / "sd.ckpt")
    torch.save({"text_model.final_layer_norm.weight": torch.ones(2)}, tmp_path / "hf.bin")
    with pytest.raises(ClipitError, match="but the layout of transformers; accepted: OpenAI's and OpenCLIP's CLIP"):
        read_published(tmp_path / "hf.bin")


@pytest.mark.parametrize("name", ["positional_embedding", "visual.proj", "transformer.resblocks.1.ln_2.bias"])
def test_a_clip_that_lacks_a_tensor_is_refused(tmp_path, name):
    tensors = network(VIT).state_dict()
    del tensors[name]
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(ClipitError, match=r"a\.safetensors (is no whole clip|does not fit)"):
        read_published(tmp_path / "a.safetensors")


def test_a_clip_of_another_vocabulary_is_refused(tmp_path):
    small = dataclasses.replace(VIT, vocab_size=1000)
    save_file(network(small).state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(ClipitError, match=f"knows 1000 tokens; accepted: the {VOCABULARY}"):
        read_published(tmp_path / "a.safetensors")


def test_a_tensor_of_another_shape_is_named_before_any_is_read(tmp_path):
    tensors = network(F16).state_dict()
    tensors["decoder.conv_in.bias"] = torch.ones(3)
    lightning(tmp_path / "a.ckpt", tensors)
    with pytest.raises(ClipitError, match=r"'decoder\.conv_in\.bias' is \(3,\), and should be \(128,\)"):
        read_published(tmp_path / "a.ckpt")
