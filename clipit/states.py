"""Drawings as bytes: safetensors with the settings beside them, no pickle. What was stopped here goes on anywhere."""

import json
from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from clipit.errors import ClipitError

FORM = 1  # of these bytes; counted up when older ones can no longer be read


def pack(values: Mapping[str, object], tensors: Mapping[str, Tensor], images: Mapping[str, Image.Image]) -> bytes:
    """Plain data, tensors and images, each by its name."""
    held = {f"tensor/{name}": tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    held |= {f"image/{name}": torch.from_numpy(np.array(image)) for name, image in images.items()}
    # One entry only, as safetensors writes several in any order: the same drawing gives the same bytes.
    return save(held, {"clipit drawing": json.dumps({"form": FORM, **values}, ensure_ascii=False)})


def unpack(data: bytes) -> tuple[dict[str, object], dict[str, Tensor], dict[str, Image.Image]]:
    """What `pack` was given. Raises ClipitError for bytes that are no drawing."""
    try:
        held = load(data)
        length = int.from_bytes(data[:8], "little")
        values = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["clipit drawing"])
        if (form := values.pop("form")) != FORM:
            raise ClipitError(f"these bytes are a drawing of form {form!r:.100}; accepted: {FORM}")
        images = {name: _image(tensor) for name, tensor in under("image/", held).items()}
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ClipitError(f"these bytes are no drawing: {error}") from error
    return values, under("tensor/", held), images


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those whose names begin so, by what follows."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _image(tensor: Tensor) -> Image.Image:
    if tensor.dtype != torch.uint8 or tensor.ndim != 3 or tensor.shape[2] not in (3, 4) or 0 in tensor.shape:
        raise ValueError(f"an image is of {tensor.dtype} and the shape {tuple(tensor.shape)}")
    return Image.fromarray(tensor.numpy())
