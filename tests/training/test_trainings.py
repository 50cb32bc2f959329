"""Trainings of a few steps: they lower what they are to lower, can be stopped and taken up, and save what loads."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from clipit.models.vqgan import VQGAN, VQGANConfig
from clipit.weights.checkpoints import load_clip, load_sketcher, load_vqgan, save_sketcher
from training import clip, dataset, sketcher, vqgan
from training.album import album

TOWERS = {
    "guide": {"vision_layers": (1, 1, 1, 1), "vision_width": 16, "vision_patch_size": None},
    "judge": {"vision_layers": 1, "vision_width": 64, "vision_patch_size": 16},
}
TEXT = {"context_length": 24, "transformer_width": 64, "transformer_heads": 1, "transformer_layers": 1}


@pytest.fixture
def scenes(tmp_path, shown):
    dataset.build(tmp_path / "scenes", shown, 40, 1, 64)
    return tmp_path / "scenes"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(clip, "MERGES", 50)
    monkeypatch.setattr(clip, "HELD_OUT", 8)
    monkeypatch.setattr(clip, "MEASURED", 16)
    monkeypatch.setattr(clip, "EVERY", 1)
    monkeypatch.setattr(vqgan, "HELD_OUT", 8)
    monkeypatch.setattr(vqgan, "EVERY", 2)
    monkeypatch.setattr(
        vqgan, "CONFIG", VQGANConfig(ch=8, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(), resolution=64,
                                     z_channels=8, n_embed=16, embed_dim=4, groups=8, middle_attends=False)
    )  # fmt: skip


@pytest.mark.parametrize("kind", TOWERS)
def test_a_clip_that_was_stopped_comes_to_the_same_end(tmp_path, scenes, kind):
    plan = replace(clip.PLANS[kind], tower=TOWERS[kind], text=TEXT, batch=8, steps=10)
    clip.train(plan, tmp_path / "whole.safetensors", scenes, seed=1)

    def stop(step, parts=None):
        raise KeyboardInterrupt

    kept = clip.Curve.add

    def until_seven(curve, step, **figures):
        kept(curve, step, **figures)
        if step == 7:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clip.Curve, "add", until_seven)
        with pytest.raises(KeyboardInterrupt):
            clip.train(plan, tmp_path / "parts.safetensors", scenes, seed=1)
    clip.train(plan, tmp_path / "parts.safetensors", scenes, seed=1)
    (whole, tokenizer, *_), (parts, *_) = (load_clip(tmp_path / f"{name}.safetensors") for name in ("whole", "parts"))
    assert len(tokenizer) > 500
    for one, other in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_vqgan_learns_and_remembers_an_album(tmp_path, scenes, shown):
    images, *_ = dataset.load(scenes)
    torch.manual_seed(0)
    before = vqgan.psnr(VQGAN(vqgan.CONFIG), images[-8:], "cpu")
    vqgan.train(tmp_path / "vqgan.safetensors", scenes, shown, steps=40, batch=6, rate=1e-2, gan_from=0.8)
    model = load_vqgan(tmp_path / "vqgan.safetensors")
    assert vqgan.psnr(model, images[-8:], "cpu") > before + 1

    kept = sketcher.remember(album(shown).pictures, model)
    save_sketcher(tmp_path / "sketcher.safetensors", kept)
    again = load_sketcher(tmp_path / "sketcher.safetensors")
    assert torch.equal(again.pictures, kept.pictures)
    pictures, covers = again.tokens("things/cat")
    assert pictures.shape == covers.shape == (2, 32, 32)
    assert again.tokens("places/city")[1] is None


def test_a_look_is_a_picture_of_the_side_and_another_each_time():
    pictures = torch.rand(2, 3, 40, 40)
    first, second = (clip.look(pictures, 32, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    assert first.shape == (2, 3, 32, 32) and first.min() >= 0 and first.max() <= 1
    assert not torch.equal(first, second)


def test_an_attack_is_no_longer_than_its_reach():
    views, delta = torch.full((2, 3, 8, 8), 0.5), torch.randn(2, 3, 8, 8)
    away = (clip.moved(views, delta, 0.7) - views).flatten(1).norm(dim=1)
    assert torch.all(away <= 0.7 + 1e-4) and torch.all(away > 0.6)
    near = clip.moved(views, delta * 0.001, 0.7)
    torch.testing.assert_close(near, views + delta * 0.001)


def test_wrong_captions_count_against_the_pictures_alone():
    images = torch.eye(4)
    right = clip.contrast(images, images, torch.tensor(10.0))
    wrong = clip.contrast(images, torch.cat([images, images]), torch.tensor(10.0))
    assert wrong > right


def test_a_namer_is_content_with_every_thing_that_is_there():
    torch.manual_seed(0)
    namer = clip.Namer(8)
    labels = torch.tensor([[3, 5, -1, -1, -1, -1, -1, -1], [-1, -1, -1, 2, -1, -1, -1, -1]])
    losses = []
    optimiser = torch.optim.Adam(namer.parameters(), 0.1)
    embeddings = torch.tensor(np.eye(2, 8, dtype=np.float32))
    for _ in range(60):
        loss = namer(embeddings, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 5
    shares = namer.heads[0](embeddings * 16).softmax(1).detach()
    assert shares[0, [3, 5]].tolist() == pytest.approx([0.5, 0.5], abs=0.1)
    assert shares[1, -1] > 0.9
