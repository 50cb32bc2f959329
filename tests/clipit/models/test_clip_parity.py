"""Ours against OpenAI's `clip/model.py` and transformers' `CLIPModel`, with the same random weights."""

from dataclasses import asdict, replace

import pytest
import torch
from torch import Tensor

from clipit.models.clip import CLIP, CLIPConfig
from tests.oracles.comparison import assert_same, assert_same_gradients, randomise
from tests.oracles.originals import clip_model, hugging_face

OPENAI = {
    "RN50": CLIPConfig(1024, 224, (3, 4, 6, 3), 64, None),
    "RN101": CLIPConfig(512, 224, (3, 4, 23, 3), 64, None),
    "RN50x4": CLIPConfig(640, 288, (4, 6, 10, 6), 80, None, transformer_width=640, transformer_heads=10),
    "RN50x16": CLIPConfig(768, 384, (6, 8, 18, 8), 96, None, transformer_width=768, transformer_heads=12),
    "RN50x64": CLIPConfig(1024, 448, (3, 15, 36, 10), 128, None, transformer_width=1024, transformer_heads=16),
    "ViT-B/32": CLIPConfig(),
    "ViT-B/16": CLIPConfig(vision_patch_size=16),
    "ViT-L/14": CLIPConfig(768, 224, 24, 1024, 14, transformer_width=768, transformer_heads=12),
    "ViT-L/14@336px": CLIPConfig(768, 336, 24, 1024, 14, transformer_width=768, transformer_heads=12),
}
# OpenCLIP's, with the millions of parameters that its docs/model_profile.csv tells of them.
OPENCLIP = {
    "ViT-H-14": (
        CLIPConfig(
            1024, 224, 32, 1280, 14,
            transformer_width=1024, transformer_heads=16, transformer_layers=24, vision_heads=16, quick_gelu=False,
        ),
        986.11,
    ),
    "ViT-g-14": (
        CLIPConfig(
            1024, 224, 40, 1408, 14, vision_heads=16, vision_mlp=6144,
            transformer_width=1024, transformer_heads=16, transformer_layers=24, quick_gelu=False,
        ),
        1366.68,
    ),
    "ViT-bigG-14": (
        CLIPConfig(
            1280, 224, 48, 1664, 14, vision_heads=16, vision_mlp=8192,
            transformer_width=1280, transformer_heads=20, transformer_layers=32, quick_gelu=False,
        ),
        2539.57,
    ),
}  # fmt: skip

TEXT = dict(context_length=12, vocab_size=60, transformer_width=128, transformer_heads=2, transformer_layers=2)
VIT = CLIPConfig(24, 48, 3, 128, 16, **TEXT)
RESNET = CLIPConfig(24, 96, (2, 1, 2, 1), 16, None, **TEXT)


def random_clip(config: CLIPConfig) -> CLIP:
    model = CLIP(config)
    randomise(model)
    return model


def originals_size(config: CLIPConfig) -> dict[str, object]:
    """The config as the arguments of OpenAI's CLIP, which knows neither other heads nor another GELU."""
    ours_alone = ("vision_heads", "vision_mlp", "quick_gelu")
    return {name: value for name, value in asdict(config).items() if name not in ours_alone}


def original(ours: CLIP) -> torch.nn.Module:
    """OpenAI's CLIP with our weights; it guesses its sizes from them, as it does when it loads a file."""
    theirs = clip_model().build_model(dict(ours.state_dict())).float()  # build_model rounds to half precision
    ours.load_state_dict(theirs.state_dict())
    return theirs


def pictures(config: CLIPConfig, count: int = 3) -> Tensor:
    return torch.randn(
        count, 3, config.image_resolution, config.image_resolution, generator=torch.Generator().manual_seed(1)
    )


def texts(config: CLIPConfig, count: int = 5) -> Tensor:
    """Random ids with the end token at another place in each row, and more ids after it."""
    end = config.vocab_size - 1
    tokens = torch.randint(end, (count, config.context_length), generator=torch.Generator().manual_seed(1))
    tokens[range(count), torch.arange(1, count + 1) * config.context_length // (count + 1)] = end
    return tokens


@pytest.mark.parametrize("config", OPENAI.values(), ids=OPENAI)
def test_every_published_clip_has_the_names_and_shapes_of_ours(config):
    with torch.device("meta"):
        ours, theirs = CLIP(config).state_dict(), clip_model().CLIP(**originals_size(config)).state_dict()
    assert {name: value.shape for name, value in ours.items()} == {name: value.shape for name, value in theirs.items()}


@pytest.mark.parametrize(("config", "millions"), OPENCLIP.values(), ids=OPENCLIP)
def test_openclips_vits_have_as_many_parameters_as_were_published(config, millions):
    with torch.device("meta"):
        count = sum(parameter.numel() for parameter in CLIP(config).parameters())
    assert round(count / 1e6, 2) == millions


@pytest.mark.parametrize("config", [VIT, RESNET], ids=["vit", "resnet"])
def test_embeddings_are_those_of_the_original(config):
    ours = random_clip(config)
    theirs = original(ours)
    assert_same(ours.encode_image(pictures(config)), theirs.encode_image(pictures(config)))
    assert_same(ours.encode_text(texts(config)), theirs.encode_text(texts(config)))


@pytest.mark.parametrize("config", [VIT, RESNET], ids=["vit", "resnet"])
def test_gradients_of_pictures_are_those_of_the_original(config):
    ours = random_clip(config)
    assert_same_gradients(ours.encode_image, original(ours).encode_image, pictures(config))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ViT-B/32", "RN50"])
def test_embeddings_at_the_published_size_are_those_of_the_original(name):
    config = OPENAI[name]
    ours = random_clip(config)
    theirs = original(ours)
    assert_same(ours.encode_image(pictures(config, 1)), theirs.encode_image(pictures(config, 1)))
    assert_same(ours.encode_text(texts(config, 2)), theirs.encode_text(texts(config, 2)))


def hugging_face_clip(ours: CLIP) -> torch.nn.Module:
    """transformers' CLIPModel of our size, with our weights under its names."""
    config, library = ours.config, hugging_face()
    sizes = {"hidden_act": "quick_gelu" if config.quick_gelu else "gelu"}
    model = library.CLIPModel(
        library.CLIPConfig(
            projection_dim=config.embed_dim,
            vision_config={
                **sizes,
                "hidden_size": config.vision_width,
                "intermediate_size": config.vision_mlp or 4 * config.vision_width,
                "num_hidden_layers": config.vision_layers,
                "num_attention_heads": config.vision_heads or config.vision_width // 64,
                "image_size": config.image_resolution,
                "patch_size": config.vision_patch_size,
            },
            text_config={
                **sizes,
                "hidden_size": config.transformer_width,
                "intermediate_size": 4 * config.transformer_width,
                "num_hidden_layers": config.transformer_layers,
                "num_attention_heads": config.transformer_heads,
                "max_position_embeddings": config.context_length,
                "vocab_size": config.vocab_size,
                "bos_token_id": config.vocab_size - 2,
                "eos_token_id": config.vocab_size - 1,
            },
        )
    )
    model.load_state_dict(hugging_face_names(ours.state_dict()))
    return model.eval().requires_grad_(False)


RENAMED = [  # ours and theirs, in this order
    ("visual.conv1.", "vision_model.embeddings.patch_embedding."),
    ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
    ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
    ("visual.ln_pre.", "vision_model.pre_layrnorm."),
    ("visual.ln_post.", "vision_model.post_layernorm."),
    ("visual.transformer.resblocks.", "vision_model.encoder.layers."),
    ("visual.proj", "visual_projection.weight"),
    ("transformer.resblocks.", "text_model.encoder.layers."),
    ("token_embedding.", "text_model.embeddings.token_embedding."),
    ("positional_embedding", "text_model.embeddings.position_embedding.weight"),
    ("ln_final.", "text_model.final_layer_norm."),
    ("text_projection", "text_projection.weight"),
]
RENAMED_IN_BLOCKS = [
    (".attn.out_proj.", ".self_attn.out_proj."),
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
]


def hugging_face_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under transformers' names: three matrices where we have one, projections the other way round."""
    renamed = {}
    for name, tensor in tensors.items():
        prefix, new = next((pair for pair in RENAMED if name.startswith(pair[0])), ("", ""))
        name = new + name.removeprefix(prefix)
        for ours, theirs in RENAMED_IN_BLOCKS:
            name = name.replace(ours, theirs)
        if ".attn.in_proj_" in name:
            for letter, part in zip("qkv", tensor.chunk(3), strict=True):
                renamed[name.replace(".attn.in_proj_", f".self_attn.{letter}_proj.")] = part
        else:
            renamed[name] = tensor.T if name.endswith("_projection.weight") else tensor
    return renamed


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(VIT, id="openai"),
        pytest.param(replace(VIT, quick_gelu=False), id="exact-gelu"),
        pytest.param(replace(VIT, vision_width=320, vision_heads=4, quick_gelu=False), id="heads-of-80"),
        pytest.param(replace(VIT, vision_width=264, vision_heads=3, vision_mlp=1152), id="heads-of-88-wide-mlp"),
    ],
)
def test_embeddings_are_those_of_transformers(config):
    ours = random_clip(config)
    theirs = hugging_face_clip(ours)
    with torch.no_grad():
        seen, read = pictures(config), texts(config)
        assert_same(ours.encode_image(seen), theirs.get_image_features(seen).pooler_output)
        assert_same(ours.encode_text(read), theirs.get_text_features(read).pooler_output)


def test_another_gelu_would_be_noticed():
    ours = random_clip(VIT)
    theirs = hugging_face_clip(random_clip(replace(VIT, quick_gelu=False)))
    with pytest.raises(AssertionError, match="largest difference"):
        assert_same(ours.encode_text(texts(VIT)), theirs.get_text_features(texts(VIT)).pooler_output)
