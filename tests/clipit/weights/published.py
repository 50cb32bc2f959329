"""Checkpoints as they were published, of random numbers: real names and layouts, little width and depth."""

import collections
import contextlib
import io
import pickle
import sys
import types
import warnings
import zipfile
from pathlib import Path

import torch
from torch import nn

from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.vqgan import VQGAN, VQGANConfig

TEXT = {"embed_dim": 64, "transformer_width": 64, "transformer_heads": 1, "transformer_layers": 2}
VIT = CLIPConfig(**TEXT, vision_layers=2, vision_width=128, vision_patch_size=32)
RESNET = CLIPConfig(**TEXT, vision_layers=(2, 1, 3, 1), vision_width=8, vision_patch_size=None)
F16 = VQGANConfig(ch=32, ch_mult=(1, 1, 2, 2, 4), num_res_blocks=1, z_channels=32, n_embed=64, embed_dim=16)
GUMBEL = VQGANConfig(
    ch=32, ch_mult=(1, 1, 2, 4), num_res_blocks=2, attn_resolutions=(32,), z_channels=32, n_embed=64, embed_dim=32,
    gumbel=True,
)  # fmt: skip

YAML = """
model:
  base_learning_rate: 4.5e-06
  target: taming.models.vqgan.{target}
  params:
    embed_dim: {embed_dim}
    n_embed: {n_embed}
    monitor: val/rec_loss
    ddconfig:
      double_z: false
      z_channels: {z_channels}
      resolution: {resolution}
      in_channels: 3
      out_ch: 3
      ch: {ch}
      ch_mult: {ch_mult}
      num_res_blocks: {num_res_blocks}
      attn_resolutions: {attn_resolutions}
      dropout: 0.0
    lossconfig:
      target: taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator
      params:
        disc_start: 0
"""
TRANSFORMER = """
model:
  target: taming.models.cond_transformer.Net2NetTransformer
  params:
    cond_stage_key: depth
    transformer_config:
      target: taming.modules.transformer.mingpt.GPT
      params: {vocab_size: 64}
    first_stage_config:
"""


def network(config: CLIPConfig | VQGANConfig) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = (CLIP if isinstance(config, CLIPConfig) else VQGAN)(config)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d | nn.GroupNorm | nn.LayerNorm):
                nn.init.normal_(module.weight, mean=1, std=0.2)
                nn.init.normal_(module.bias, std=0.2)
    return model.eval()


def halved(model: CLIP) -> CLIP:
    """In OpenAI's precision: float16, but for norms, embeddings of tokens and places, and the scale."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.half()
        for name in ("in_proj_weight", "in_proj_bias", "text_projection", "proj"):
            if isinstance(parameter := getattr(module, name, None), nn.Parameter):
                parameter.data = parameter.data.half()
    return model


class _Scripted(nn.Module):
    """What OpenAI traced: the network and its three constants, each a tensor."""

    def __init__(self, model: CLIP) -> None:
        super().__init__()
        for name, part in model.named_children():
            self.add_module(name, part)
        for name, parameter in model.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        self.register_buffer("input_resolution", torch.tensor(model.config.image_resolution))
        self.register_buffer("context_length", torch.tensor(model.config.context_length))
        self.register_buffer("vocab_size", torch.tensor(model.config.vocab_size))

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers * self.logit_scale.exp()


def openai_archive(path: Path, config: CLIPConfig) -> CLIP:
    """A TorchScript archive with OpenAI's names, constants and precision; gives the network in it."""
    model = halved(network(config))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TorchScript itself; the published files are such
        torch.jit.trace(_Scripted(model), torch.ones(1)).save(str(path))
    return model


@contextlib.contextmanager
def absent_classes():
    """Classes of modules that are there while a file is written, and gone when it is read."""
    modules = {name: types.ModuleType(name) for name in ("pytorch_lightning", "omegaconf_like")}
    for module, name in (("pytorch_lightning", "ModelCheckpoint"), ("omegaconf_like", "ListConfig")):
        made = type(name, (), {"__module__": module, "__qualname__": name})
        setattr(modules[module], name, made)
    sys.modules |= modules
    try:
        yield modules["pytorch_lightning"].ModelCheckpoint, modules["omegaconf_like"].ListConfig
    finally:
        for name in modules:
            del sys.modules[name]


def lightning(path: Path, tensors: dict[str, torch.Tensor], **how: object) -> None:
    """A checkpoint as PyTorch Lightning 1.0 writes it, with objects of other packages in it."""
    with absent_classes() as (callback, configuration):
        options = configuration()
        options.values, options.parent = [1, 2, {"lr": 4.5e-06}], callback()
        saved = {
            "epoch": 12,
            "global_step": 8145600,
            "pytorch-lightning_version": "1.0.8",
            "callbacks": {callback: {"best_model_score": torch.tensor(0.4), "best_model_path": "a.ckpt"}},
            "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 1e-4}]}],
            "lr_schedulers": [],
            "state_dict": collections.OrderedDict(tensors),
            "hyper_parameters": options,
        }
        torch.save(saved, path, **how)


def taming(path: Path, config: VQGANConfig, **how: object) -> VQGAN:
    """A VQGAN as taming-transformers leaves it, its loss and discriminator with it, and the .yaml beside it."""
    model = network(config)
    loss = {"loss.logvar": torch.zeros(()), "loss.discriminator.main.0.weight": torch.zeros(8, 3, 4, 4)}
    lightning(path, {**model.state_dict(), **loss}, **how)
    path.with_suffix(".yaml").write_text(yaml_of(config))
    return model


def taming_transformer(path: Path, config: VQGANConfig) -> VQGAN:
    """A Net2NetTransformer: the VQGAN in it is one of three networks."""
    model = network(config)
    first = {f"first_stage_model.{name}": value for name, value in model.state_dict().items()}
    second = {f"cond_stage_model.{name}": value + 1 for name, value in model.state_dict().items()}
    lightning(path, {"transformer.tok_emb.weight": torch.ones(4, 4), **second, **first})
    nested = "\n".join(f"    {line}" for line in yaml_of(config).strip().splitlines()[1:])
    path.with_suffix(".yaml").write_text(TRANSFORMER + nested)
    return model


def yaml_of(config: VQGANConfig) -> str:
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(config).items()}
    return YAML.format(target="GumbelVQ" if config.gumbel else "VQModel", **values)


def zipped(path: Path, program: bytes, **members: bytes) -> Path:
    """A file in torch.save's form with any pickle program."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {"data.pkl": program, "data/0": bytes(64), "version": b"3\n", **members}.items():
            archive.writestr(f"archive/{name}", data)
    return path


def pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    pickle.dump(value, buffer, protocol=2)
    return buffer.getvalue()
