import json

import pytest
import torch
from PIL import Image
from safetensors.torch import load, save

from clipit import ClipitError
from clipit.states import FORM, pack, unpack

VALUES = {"step": 3, "settings": [{"prompts": "Schloß 🏰"}], "nothing": None}
TENSORS = {
    "a/b": torch.arange(6.0).view(2, 3), "count": torch.tensor(4.0), "bits": torch.tensor([True, False]),
    "half": torch.ones(2, dtype=torch.bfloat16), "empty": torch.zeros(0, 3),
}  # fmt: skip
IMAGES = {"one": Image.new("RGB", (3, 2), "red"), "two": Image.new("RGBA", (1, 5), (1, 2, 3, 4))}


def test_what_was_packed_comes_back():
    values, tensors, images = unpack(pack(VALUES, TENSORS, IMAGES))
    assert values == VALUES
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert (tensors[name].dtype, tensors[name].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(tensors[name], tensor)
    assert images == IMAGES


def test_the_same_drawing_gives_the_same_bytes():
    assert len({pack(VALUES, TENSORS, IMAGES) for _ in range(10)}) == 1


def test_gradients_and_layouts_are_no_matter():
    leaf = torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last).requires_grad_()
    _, tensors, _ = unpack(pack({}, {"leaf": leaf}, {}))
    assert torch.equal(tensors["leaf"], leaf) and not tensors["leaf"].requires_grad


def test_the_bytes_are_safetensors():
    held = load(pack(VALUES, TENSORS, IMAGES))
    assert held.keys() == {f"tensor/{name}" for name in TENSORS} | {f"image/{name}" for name in IMAGES}


def packed(told, **tensors):
    return save(tensors, {"clipit drawing": told})


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x80\x04.", save({}), save({"x": torch.ones(1)}, {"format": "pt"}), packed(""), packed("3"),
        packed("[]"), packed("{}"), packed("null"), packed(json.dumps({"form": FORM}))[:-1],
    ],
    ids=range(10),
)  # fmt: skip
def test_bytes_that_are_no_drawing_are_refused(data):
    with pytest.raises(ClipitError, match="no drawing"):
        unpack(data)


def test_a_later_form_is_named():
    with pytest.raises(ClipitError, match=f"form 9; accepted: {FORM}"):
        unpack(packed('{"form": 9}'))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(2, 2, 3), torch.zeros(2, 2, dtype=torch.uint8), torch.zeros(2, 2, 2, dtype=torch.uint8),
        torch.zeros(3, dtype=torch.uint8), torch.zeros(1, 2, 2, 3, dtype=torch.uint8),
        torch.zeros(2, 2, 3, dtype=torch.bfloat16), torch.zeros(2, 2, 5, dtype=torch.uint8),
        torch.zeros(0, 2, 3, dtype=torch.uint8),
    ],
)  # fmt: skip
def test_an_image_of_another_shape_or_type_is_refused(tensor):
    with pytest.raises(ClipitError):
        unpack(packed(json.dumps({"form": FORM}), **{"image/x": tensor}))
