import pytest
import torch
import torch.nn.functional as F
from torch import nn

from clipit.models.clip import CLIP, Attention, AttentionPool2d, CLIPConfig
from clipit.weights.checkpoints import load_clip

RN50 = CLIPConfig(embed_dim=1024, vision_layers=(3, 4, 6, 3), vision_width=64, vision_patch_size=None)
PUBLISHED = {
    CLIPConfig(): {
        "visual.conv1.weight": (768, 3, 32, 32),
        "visual.class_embedding": (768,),
        "visual.positional_embedding": (50, 768),
        "visual.ln_pre.weight": (768,),
        "visual.transformer.resblocks.11.attn.in_proj_weight": (2304, 768),
        "visual.transformer.resblocks.11.attn.out_proj.bias": (768,),
        "visual.transformer.resblocks.0.mlp.c_fc.weight": (3072, 768),
        "visual.proj": (768, 512),
        "transformer.resblocks.11.mlp.c_proj.weight": (512, 2048),
        "transformer.resblocks.0.ln_2.bias": (512,),
        "token_embedding.weight": (49408, 512),
        "positional_embedding": (77, 512),
        "ln_final.weight": (512,),
        "text_projection": (512, 512),
        "logit_scale": (),
    },
    RN50: {
        "visual.conv1.weight": (32, 3, 3, 3),
        "visual.bn3.running_var": (64,),
        "visual.layer1.0.downsample.0.weight": (256, 64, 1, 1),
        "visual.layer1.0.downsample.1.running_mean": (256,),
        "visual.layer3.5.conv2.weight": (256, 256, 3, 3),
        "visual.layer4.2.bn3.num_batches_tracked": (),
        "visual.attnpool.positional_embedding": (50, 2048),
        "visual.attnpool.k_proj.weight": (2048, 2048),
        "visual.attnpool.c_proj.weight": (1024, 2048),
        "text_projection": (512, 1024),
    },
}


def on_meta(config):
    with torch.device("meta"):
        return CLIP(config)


@pytest.mark.parametrize("config", PUBLISHED, ids=["ViT-B/32", "RN50"])
def test_the_published_parameters_have_a_place(config):
    ours = on_meta(config).state_dict()
    assert {name: tuple(ours[name].shape) for name in PUBLISHED[config]} == PUBLISHED[config]


@pytest.mark.parametrize(("config", "count"), [(CLIPConfig(), 151_277_313), (RN50, 102_007_137)])
def test_there_are_as_many_parameters_as_were_published(config, count):
    assert sum(parameter.numel() for parameter in on_meta(config).parameters()) == count


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_torch(causal):
    theirs, ours, x = nn.MultiheadAttention(16, 4, batch_first=True), Attention(16, 4), torch.randn(2, 5, 16)
    ours.load_state_dict(theirs.state_dict())
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
    torch.testing.assert_close(ours(x, causal), theirs(x, x, x, attn_mask=mask, need_weights=False)[0])


def test_attention_pooling_is_that_of_the_original():
    pool, x = AttentionPool2d(2, 16, 4, 6), torch.randn(3, 16, 2, 2)
    tokens = x.flatten(2).permute(2, 0, 1)  # L, B, W
    tokens = torch.cat([tokens.mean(0, keepdim=True), tokens]) + pool.positional_embedding[:, None]
    parts = (pool.q_proj, pool.k_proj, pool.v_proj)
    expected, _ = F.multi_head_attention_forward(
        tokens[:1], tokens, tokens, 16, 4, None, torch.cat([part.bias for part in parts]), None, None, False, 0.0,
        pool.c_proj.weight, pool.c_proj.bias, need_weights=False, use_separate_proj_weight=True,
        q_proj_weight=pool.q_proj.weight, k_proj_weight=pool.k_proj.weight, v_proj_weight=pool.v_proj.weight,
    )  # fmt: skip
    torch.testing.assert_close(pool(x), expected[0])


@pytest.mark.parametrize("kind", ["vit", "resnet"])
def test_pictures_become_embeddings(tiny, kind):
    model, *_ = load_clip(getattr(tiny, kind))
    side = model.config.image_resolution
    assert model.encode_image(torch.rand(2, 3, side, side)).shape == (2, 16)


def test_what_follows_the_end_token_changes_nothing(tiny):
    model, tokenizer, *_ = load_clip(tiny.vit)
    padded = tokenizer(["the cat"], 16)
    scribbled = padded.clone()
    scribbled[0, int(padded.argmax()) + 1 :] = 7
    assert not torch.equal(padded, scribbled)
    torch.testing.assert_close(model.encode_text(scribbled), model.encode_text(padded))


def test_what_precedes_the_end_token_changes_the_embedding(tiny):
    model, tokenizer, *_ = load_clip(tiny.vit)
    the_cat, cat_the = model.encode_text(tokenizer(["the cat", "cat the"], 16))
    assert not torch.allclose(the_cat, cat_the)


def test_rows_of_tokens_may_be_shorter_than_the_context(tiny):
    model, tokenizer, *_ = load_clip(tiny.vit)
    tokens = tokenizer(["the cat"], 16)
    torch.testing.assert_close(model.encode_text(tokens[:, :4]), model.encode_text(tokens))
