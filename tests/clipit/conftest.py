"""Tiny networks with random weights: the whole engine, in moments."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from clipit import Settings
from clipit.loading import Models, load_models
from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.vqgan import VQGAN, VQGANConfig
from clipit.weights.checkpoints import save_clip, save_vqgan

MERGES = [("c", "a"), ("ca", "t</w>"), ("t", "h"), ("th", "e</w>")]
MEAN, DEVIATION = (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)
TEXT = {
    "embed_dim": 16, "context_length": 16, "vocab_size": 512 + len(MERGES) + 2,
    "transformer_width": 32, "transformer_heads": 2, "transformer_layers": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Tiny:
    """Files of tiny models, and settings that draw with them: 24 x 16 pixels, three steps."""

    folder: Path

    @property
    def vqgan(self) -> Path:
        return self.folder / "vqgan-small.safetensors"

    @property
    def resnet(self) -> Path:
        return self.folder / "clip-resnet.safetensors"

    @property
    def vit(self) -> Path:
        return self.folder / "clip-small.safetensors"

    def settings(self, prompts: str = "castle underwater", **changes: object) -> Settings:
        ours = {"clip_models": (str(self.vit),), "size": (24, 16), "iterations": 3, "cuts": 4} | changes
        if ours.get("drawer", "vqgan") == "vqgan":
            ours["drawer_options"] = {"model": str(self.vqgan), **ours.get("drawer_options", {})}
        return Settings(prompts=prompts, **ours)

    def both(self, prompts: str = "castle underwater", **changes: object) -> Settings:
        """Settings with two perceptors."""
        return self.settings(prompts, clip_models=(str(self.vit), str(self.resnet)), **changes)


def tiny_vqgan() -> VQGAN:
    config = VQGANConfig(
        ch=8, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(), z_channels=4, n_embed=16, embed_dim=4, groups=4
    )
    model = VQGAN(config)
    nn.init.normal_(model.quantize.embedding.weight)
    nn.init.normal_(model.decoder.conv_out.weight, std=0.3)  # or every picture would be grey
    return model.eval()


def tiny_resnet() -> CLIP:
    """Its norms have seen something: an untrained batch norm would hide whether it is applied."""
    layers = {"image_resolution": 32, "vision_layers": (1, 1, 1, 1), "vision_width": 16, "vision_patch_size": None}
    model = CLIP(CLIPConfig(**TEXT, **layers))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.2)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.2)
    return model.eval()


def tiny_vit() -> CLIP:
    layers = {"image_resolution": 16, "vision_layers": 1, "vision_width": 64, "vision_patch_size": 8}
    return CLIP(CLIPConfig(**TEXT, **layers)).eval()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    files = Tiny(tmp_path_factory.mktemp("weights"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        save_vqgan(files.vqgan, tiny_vqgan())
        save_clip(files.resnet, tiny_resnet(), MERGES, MEAN, DEVIATION)
        save_clip(files.vit, tiny_vit(), MERGES, MEAN, DEVIATION)
    return files


@pytest.fixture(scope="session")
def models(tiny: Tiny) -> Models:
    return load_models(tiny.settings(), "cpu")


@pytest.fixture(scope="session")
def two_perceptors(tiny: Tiny) -> Models:
    return load_models(tiny.both(), "cpu")
