import collections
import io
import os
import pickle
import pickletools
import random
import zipfile

import pytest
import torch
from safetensors.torch import save_file

from clipit import ClipitError
from clipit.weights.archives import open_tensors
from tests.clipit.weights.published import lightning, pickled, zipped

TENSORS = {
    "weight": torch.arange(12.0).view(3, 4),
    "turned": torch.arange(24.0).view(4, 6).t(),
    "half": torch.ones(2, 2).half(),
    "whole": torch.tensor(7),
    "none": torch.empty(0, 3),
    "later": torch.arange(9)[4:],
    "brain": torch.full((2,), 0.5).bfloat16(),
}
WRITE = {
    "zip": {},
    "before 2020": {"_use_new_zipfile_serialization": False},
}


def read(path):
    with open_tensors(path) as (shapes, tensor):
        return {name: tensor(name) for name in shapes}


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


class Bomb:
    """Leaves a trace where it is called, as os.system, exec or a constructor would."""

    def __init__(self, call, *arguments):
        self.reduced = call, arguments

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("how", WRITE.values(), ids=WRITE)
def test_tensors_come_back_as_torch_saved_them(tmp_path, how):
    path = tmp_path / "a.pt"
    torch.save(TENSORS, path, **how)
    assert_same(read(path), TENSORS)


def test_parameters_and_ordered_names_come_back(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(collections.OrderedDict(a=torch.nn.Parameter(torch.ones(2)), b=torch.nn.Linear(2, 1).state_dict()), path)
    assert read(path).keys() == {"a", "b.weight", "b.bias"}


def test_safetensors_are_read_too(tmp_path):
    plain = {name: tensor.contiguous() for name, tensor in TENSORS.items()}
    save_file(plain, tmp_path / "a.safetensors")
    assert_same(read(tmp_path / "a.safetensors"), plain)


@pytest.mark.parametrize("how", WRITE.values(), ids=WRITE)
def test_of_a_training_checkpoint_only_the_weights_are_read_and_no_class_is_missed(tmp_path, how):
    lightning(tmp_path / "a.ckpt", TENSORS, **how)
    with pytest.raises((ModuleNotFoundError, pickle.UnpicklingError)):
        torch.load(tmp_path / "a.ckpt", weights_only=False)
    assert_same(read(tmp_path / "a.ckpt"), TENSORS)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_is_understood(tmp_path, protocol):
    torch.save(TENSORS, tmp_path / "a.pt", pickle_protocol=protocol)
    assert_same(read(tmp_path / "a.pt"), TENSORS)


def bombs(trace):
    order = f"open({str(trace)!r}, 'w').close()"
    return {
        "os.system": Bomb(os.system, f"touch {trace}"),
        "exec": Bomb(exec, order),
        "eval": Bomb(eval, order),
        "open": Bomb(open, str(trace), "w"),
        "a method that is looked up": Bomb(getattr, Bomb(__import__, "os"), "system"),
        "what a lookup gives": Bomb(Bomb(getattr, os, "system"), f"touch {trace}"),
    }


@pytest.mark.parametrize("name", bombs("there"))
@pytest.mark.parametrize("protocol", [2, 4])
def test_nothing_in_a_file_is_called(tmp_path, name, protocol):
    trace = tmp_path / "trace"
    try:
        program = pickle.dumps({"weight": bombs(trace)[name]}, protocol)
    except (TypeError, pickle.PicklingError):  # a module, or an object as the callee: written by hand
        program = (
            b"\x80\x02}X\x06\x00\x00\x00weightcbuiltins\ngetattr\ncos\n__dict__\nX\x06\x00\x00\x00system\x86R"
            + pickled(f"touch {trace}")[2:-1]
            + b"\x85Rs."
        )
    assert read(zipped(tmp_path / "a.pt", program)) == {}
    assert not trace.exists()


def test_the_same_programs_would_have_acted_in_pickles_own_machine(tmp_path):
    trace = tmp_path / "trace"
    pickle.loads(pickle.dumps(bombs(trace)["exec"]))
    assert trace.exists()


def test_state_that_would_run_when_set_is_only_kept(tmp_path):
    program = b"\x80\x02}X\x01\x00\x00\x00acos\nsystem\n)\x81}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsbs."
    assert read(zipped(tmp_path / "a.pt", program)) == {}


def storage(kind="torch\nFloatStorage", key="0", count=16):
    return (
        b"(X\x07\x00\x00\x00storagec" + kind.encode() + b"\nX" + len(key).to_bytes(4, "little") + key.encode()
        + b"X\x03\x00\x00\x00cpuJ" + count.to_bytes(4, "little") + b"tQ"
    )  # fmt: skip


def program(offset=0, shape=(4, 4), stride=(4, 1), **stored):
    return (
        b"\x80\x02}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n("
        + storage(**stored)
        + b"".join(pickled(value)[2:-1] for value in (offset, shape, stride))
        + b"\x89N"
        + b"tRs."
    )


def test_a_tensor_within_its_numbers_is_read(tmp_path):
    assert torch.equal(read(zipped(tmp_path / "a.pt", program()))["a"], torch.zeros(4, 4))


@pytest.mark.parametrize(
    "wrong",
    [
        program(offset=1),
        program(offset=-1),
        program(shape=(4, 5)),
        program(shape=(2**40, 1), stride=(0, 0)),
        program(shape=(4, 4), stride=(1, 1)),
        program(stride=(4,)),
        program(shape="44"),
        program(shape=(True, 4)),
        program(count=2**30, shape=(2**30,), stride=(1,)),
        program(key="../../etc/passwd"),
        program(key="1"),
        program(kind="torch\nUntypedStorage"),
        program(kind="os\nsystem"),
    ],
)
def test_a_tensor_that_is_not_within_its_numbers_is_refused(tmp_path, wrong):
    with pytest.raises(ClipitError, match=r"a\.pt cannot be read as a checkpoint"):
        read(zipped(tmp_path / "a.pt", wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b".",
        b"\x80\x02.",
        b"\x80\x02}",
        b"\x80\x02t.",
        b"\x80\x02h\x05.",
        b"\x80\x02r\xff\xff\xff\x7f.",  # a memo of two thousand million places
        b"\x80\x02N\x85Q.",
        b"\x80\x02X\xff\xff\xff\x7fabc.",
        b"\x80\x02\x82\x01.",  # the extension registry
        b"(ios\nsystem\n.",
        b"\x80\x02" + b"(" * 10_000 + b".",
        b"\x80\x02]" + b"\x85" * 30_000,
        b"\x80\x02" + b"0" * 10,
    ],
)
def test_a_program_out_of_order_is_refused(tmp_path, wrong):
    with pytest.raises(ClipitError, match=r"a\.pt"):
        read(zipped(tmp_path / "a.pt", wrong))


def test_dictionaries_within_themselves_and_millionfold_ones_end(tmp_path, monkeypatch):
    itself = {}
    itself["again"] = itself
    assert read(zipped(tmp_path / "a.pt", pickled(itself))) == {}
    many = {}
    for _ in range(60):
        many = {"a": many, "b": many}
    monkeypatch.setattr("clipit.weights.archives.MOST_STEPS", 10_000)
    with pytest.raises(ClipitError, match="too large a tree"):
        read(zipped(tmp_path / "b.pt", pickled(many)))


def test_a_program_ends_after_so_many_steps_copies_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("clipit.weights.archives.MOST_STEPS", 10_000)
    with pytest.raises(ClipitError, match="too long"):
        read(zipped(tmp_path / "a.pt", b"\x80\x02}" + b"2" * 10_001 + b"."))
    large = pickled({str(number): None for number in range(1000)})[2:-1]
    with pytest.raises(ClipitError, match="too long"):
        read(zipped(tmp_path / "b.pt", b"\x80\x02cos\nsystem\n)R" + large + b"q\xff0" + b"h\xffb" * 20 + b"."))


def test_compressed_members_are_refused(tmp_path):
    torch.save(TENSORS, tmp_path / "a.pt")
    with (
        zipfile.ZipFile(tmp_path / "a.pt") as old,
        zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    with pytest.raises(ClipitError, match="compressed"):
        read(tmp_path / "b.pt")


@pytest.mark.parametrize("data", [b"", b"garbage" * 100, b"PK\x03\x04garbage", b"\x89PNG\r\n\x1a\n", b"<html></html>"])
def test_other_bytes_are_refused(tmp_path, data):
    (tmp_path / "a.pt").write_bytes(data)
    with pytest.raises(ClipitError, match=r"a\.pt"):
        read(tmp_path / "a.pt")


def test_a_zip_file_of_something_else_and_the_other_byte_order_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("readme", "hello")
    with pytest.raises(ClipitError, match="not PyTorch's"):
        read(tmp_path / "a.pt")
    with pytest.raises(ClipitError, match="byte order"):
        read(zipped(tmp_path / "b.pt", program(), byteorder=b"big"))


@pytest.mark.parametrize("how", WRITE.values(), ids=WRITE)
def test_whatever_bytes_are_damaged_it_is_read_or_refused(tmp_path, how):
    buffer, path = io.BytesIO(), tmp_path / "a.pt"
    torch.save({"a": torch.ones(3), "b": {"c": torch.ones(2, 2)}}, buffer, **how)
    whole, dice = buffer.getvalue(), random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole[: dice.choice([len(whole), dice.randrange(len(whole))])])
        for _ in range(dice.randrange(1, 4)):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged)
        try:
            read(path)
        except ClipitError as error:
            assert str(error).isprintable()


def test_what_an_error_quotes_of_a_file_is_printable_and_short(tmp_path):
    wrong = pickletools.optimize(pickled({"a": 1}))[:-1] + b"c\x1b[2Jos\nsystem" + b"x" * 5000 + b"\n0Q."
    with pytest.raises(ClipitError) as error:
        read(zipped(tmp_path / "a.pt", wrong))
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 400
