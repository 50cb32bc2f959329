"""Tensors out of PyTorch's checkpoint files, without unpickling: nothing that a file names is imported or called.

A checkpoint is a program for Python's pickle machine, which may call anything. This module runs it on a machine of its
own that knows no call: where a class, a function or an object is asked for, it puts down a `Thing` with a name. What
comes out is a tree of names, in which tensors say where in the file their numbers lie.

Read are torch.save's zip files, those of before 2020, TorchScript archives (the same zip with code, which is left
alone), and safetensors. Format: torch/serialization.py and torch/csrc/jit/serialization/ of PyTorch.
"""

import io
import math
import pickletools
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from clipit.errors import ClipitError

MOST_BYTES = 16 * 2**20  # of a program
MOST_STEPS = 1_000_000  # of a program, or nodes of the tree it builds; published ones have some ten thousand
MOST_DEPTH = 64
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the first pickle of an old file: torch's magic number

DTYPES = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}


class Stored(NamedTuple):
    """Numbers in a file."""

    dtype: torch.dtype
    key: str
    count: int


class StoredTensor(NamedTuple):
    """A view of stored numbers: from the `offset`-th on, `stride` numbers from one to the next along each axis."""

    storage: Stored
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def span(self) -> int:
        """How many numbers lie from the first to the last that it shows."""
        if 0 in self.shape:
            return 0
        return 1 + sum((side - 1) * step for side, step in zip(self.shape, self.stride, strict=True))


@dataclass(eq=False, slots=True)
class Thing:
    """What stands for a class, a function, or an object of it: a name and parts."""

    name: str
    parts: dict[str, object] = field(default_factory=dict)


def _naturals(values: object) -> tuple[int, ...]:
    if not (isinstance(values, tuple | list) and all(type(value) is int and 0 <= value < 2**48 for value in values)):
        raise ValueError("a tensor lacks natural numbers for its place or shape")
    return tuple(values)


def _stored(reference: object) -> Stored:
    """The persistent id ("storage", type, key, device, count[, None]) as numbers in the file."""
    if not (isinstance(reference, tuple) and len(reference) in (5, 6) and reference[0] == "storage"):
        raise ValueError("it refers to something else than numbers")
    kind, key = reference[1], reference[2]
    if not (isinstance(kind, Thing) and kind.name in DTYPES):
        raise ValueError(f"it holds numbers of the kind {kind.name[:80] if isinstance(kind, Thing) else 'unknown'}")
    if not (isinstance(key, str) and key.isdecimal()):
        raise ValueError("it keeps numbers under another name than a number")
    if reference[5:] not in ((), (None,)):
        raise ValueError("it holds a view of a view")
    return Stored(DTYPES[kind.name], key, *_naturals(reference[4:5]))


def _tensor(storage: object, offset: object, shape: object, stride: object, *_: object) -> StoredTensor:
    if not isinstance(storage, Stored):
        raise ValueError("it holds a tensor without numbers")
    tensor = StoredTensor(storage, *_naturals((offset,)), _naturals(shape), _naturals(stride))
    if len(tensor.shape) != len(tensor.stride) or tensor.offset + tensor.span > storage.count:
        raise ValueError("it holds a tensor that reaches beyond its numbers")
    if math.prod(tensor.shape) > tensor.span:
        raise ValueError("it holds a tensor that shows the same number more than once")
    return tensor


# What is understood of what a program asks to be made; all else becomes a Thing.
MAKERS: dict[str, Callable[..., object]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    "torch.jit._pickle.restore_type_tag": lambda value, *_: value,
    "collections.OrderedDict": lambda *_: {},
}


def _made(maker: object, arguments: object) -> object:
    if not isinstance(maker, Thing):
        return Thing("")
    if maker.name in MAKERS and isinstance(arguments, tuple):
        return MAKERS[maker.name](*arguments)
    return Thing(maker.name)


def _parts(value: object) -> dict[str, object] | None:
    """What a dictionary or a Thing has under its names, for reading and writing."""
    return value.parts if isinstance(value, Thing) else value if isinstance(value, dict) else None


class _Machine:
    """Runs a pickle program. It has a stack, the stacks below the marks, a memo, and no instruction that calls."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.below: list[list[object]] = []
        self.memo: dict[int, object] = {}
        self.storages: dict[str, Stored] = {}
        self.steps = 0

    def run(self, program: BinaryIO) -> object:
        """What the program leaves behind. Raises ValueError, or what a program out of order ends in."""
        for operation, argument, _ in pickletools.genops(program):
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise ValueError("its program is too long")
            self._step(operation.name, argument)
        return self.stack.pop()

    def _step(self, name: str, argument: object) -> None:
        if name in VALUES:
            self.push(argument)
        elif name in CONSTANTS:
            self.push(CONSTANTS[name]())
        elif name in OPERATIONS:
            OPERATIONS[name](self, argument)
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise ValueError(f"it has the instruction {name}, which checkpoints do not need")

    def push(self, value: object) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[object]:
        items, self.stack = self.stack, self.below.pop()
        return items

    def mark(self, _: object) -> None:
        self.below.append(self.stack)
        self.stack = []

    def name(self, argument: str) -> None:
        self.push(Thing(argument.replace(" ", ".", 1)))

    def name_from_stack(self, _: object) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise ValueError("it names something by no text")
        self.push(Thing(f"{module}.{name}"))

    def make(self, _: object) -> None:
        arguments, maker = self.stack.pop(), self.stack.pop()
        self.push(_made(maker, arguments))

    def make_with_keywords(self, _: object) -> None:
        self.stack.pop()
        self.make(None)

    def build(self, _: object) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Thing):
            for part in state if isinstance(state, tuple) else (state,):
                target.parts.update(_parts(part) or {})
                self.steps += len(target.parts)  # or copying could go on for days

    def refer(self, _: object) -> None:
        storage = _stored(self.stack.pop())
        if self.storages.setdefault(storage.key, storage) != storage:
            raise ValueError("it says two things of the same numbers")
        self.push(storage)

    def remember(self, index: object) -> None:
        self.memo[len(self.memo) if index is None else int(index)] = self.stack[-1]

    def recall(self, index: object) -> None:
        self.push(self.memo[int(index)])

    def tuple_of(self, count: int) -> None:
        items = self.stack[-count:]
        if len(items) < count:
            raise IndexError("the stack is empty")
        self.stack[-count:] = [tuple(items)]

    def append(self, items: list[object]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(items)

    def set_items(self, items: list[object]) -> None:
        """Only what has a text for its name can lead to a weight."""
        parts = _parts(self.stack[-1])
        if parts is not None:
            parts.update((key, value) for key, value in zip(items[::2], items[1::2], strict=True) if type(key) is str)


# Instructions that put down the value written after them.
VALUES = frozenset(
    [
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    ]
)
CONSTANTS: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,
}
OPERATIONS: dict[str, Callable[[_Machine, object], object]] = {
    "MARK": _Machine.mark,
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": _Machine.name_from_stack,
    "REDUCE": _Machine.make,
    "NEWOBJ": _Machine.make,
    "NEWOBJ_EX": _Machine.make_with_keywords,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.refer,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.recall),
    **{f"TUPLE{count}": lambda machine, _, count=count: machine.tuple_of(count) for count in (1, 2, 3)},
    **dict.fromkeys(("TUPLE", "FROZENSET"), lambda machine, _: machine.push(tuple(machine.since_mark()))),
    "LIST": lambda machine, _: machine.push(machine.since_mark()),
    "APPEND": lambda machine, _: machine.append([machine.stack.pop()]),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda machine, _: machine.append(machine.since_mark())),
    "SETITEM": lambda machine, _: machine.set_items([machine.stack.pop(), machine.stack.pop()][::-1]),
    "SETITEMS": lambda machine, _: machine.set_items(machine.since_mark()),
}


def _named_tensors(tree: object) -> dict[str, StoredTensor]:
    """The tensors of a tree under their dotted names; those of its `state_dict` where it has one."""
    root = (_parts(tree) or {}).get("state_dict", tree)
    found: dict[str, StoredTensor] = {}
    waiting = [("", root, 0)]
    for _ in range(MOST_STEPS):
        if not waiting:
            return found
        name, value, depth = waiting.pop()
        if isinstance(value, StoredTensor):
            found[name] = value
        elif depth < MOST_DEPTH and len(waiting) < MOST_STEPS:
            start = f"{name}." if name else ""
            waiting += ((f"{start}{key}"[:400], part, depth + 1) for key, part in (_parts(value) or {}).items())
    raise ValueError("it is too large a tree")


class Tensors(NamedTuple):
    """The tensors of a file: their shapes by name, and what reads one of them, as it was stored."""

    shapes: dict[str, tuple[int, ...]]
    read: Callable[[str], Tensor]


def _tensors(tree: object, size: int, numbers: Callable[[Stored, int, int], bytes]) -> Tensors:
    """`numbers` gives the bytes of a storage from a byte on, so many; `size` is the file's, in bytes."""
    stored = _named_tensors(tree)

    def read(name: str) -> Tensor:
        tensor = stored[name]
        if not tensor.span:
            return torch.empty(tensor.shape, dtype=tensor.storage.dtype)
        width = tensor.storage.dtype.itemsize
        if tensor.span * width > size:
            raise ValueError(f"{name} is larger than the file")
        data = bytearray(numbers(tensor.storage, tensor.offset * width, tensor.span * width))
        if len(data) != tensor.span * width:
            raise ValueError(f"the numbers of {name} are not all there")
        flat = torch.frombuffer(data, dtype=tensor.storage.dtype)
        return flat.as_strided(tensor.shape, tensor.stride).contiguous()

    return Tensors({name: tensor.shape for name, tensor in stored.items()}, read)


def _member(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Opens what is neither compressed nor encrypted, as torch writes it. Raises KeyError, ValueError."""
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise ValueError(f"{name} is compressed or encrypted")
    return archive.open(info)


def _zipped(archive: zipfile.ZipFile, size: int) -> Tensors:
    names = archive.namelist()
    programs = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
    if len(programs) != 1 or len(set(names)) != len(names):
        raise ValueError("it is a zip file, but not PyTorch's")
    folder = programs[0].partition("/")[0]
    if f"{folder}/byteorder" in names and _member(archive, f"{folder}/byteorder").read(6) != b"little":
        raise ValueError("it was written by a machine of the other byte order")

    def numbers(storage: Stored, start: int, length: int) -> bytes:
        with _member(archive, f"{folder}/data/{storage.key}") as member:
            member.seek(start)
            return member.read(length)

    program = _member(archive, programs[0]).read(MOST_BYTES)
    return _tensors(_Machine().run(io.BytesIO(program)), size, numbers)


def _legacy(file: BinaryIO, size: int) -> Tensors:
    """Pickles of the magic number, the version, the machine, the tree and the storages' order; then the storages."""
    programs = io.BytesIO(file.read(MOST_BYTES))
    _, _, system = (_Machine().run(programs) for _ in range(3))
    if (_parts(system) or {}).get("little_endian") is not True:
        raise ValueError("it was written by a machine of the other byte order")
    machine = _Machine()
    tree, order = machine.run(programs), _Machine().run(programs)
    places, position = {}, programs.tell()
    for key in order if isinstance(order, list) else ():
        places[key] = position
        position += 8 + machine.storages[key].count * machine.storages[key].dtype.itemsize

    def numbers(storage: Stored, start: int, length: int) -> bytes:
        file.seek(places[storage.key])
        if int.from_bytes(file.read(8), "little") != storage.count:
            raise ValueError("its numbers are not where they should be")
        file.seek(start, io.SEEK_CUR)
        return file.read(length)

    return _tensors(tree, size, numbers)


def _safe(tensors: safe_open) -> Tensors:
    names = tensors.keys()
    return Tensors({name: tuple(tensors.get_slice(name).get_shape()) for name in names}, tensors.get_tensor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Whatever broken bytes end in becomes a ClipitError."""
    try:
        yield
    except (
        zipfile.BadZipFile, SafetensorError, OSError, EOFError, NotImplementedError,  # of the files
        ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError,  # of the programs in them
        DeprecationWarning,  # of an escape without meaning, where warnings are errors
    ) as error:  # fmt: skip
        said = "".join(letter if letter.isprintable() else "?" for letter in str(error)[:200])
        raise ClipitError(f"{path.name} cannot be read as a checkpoint: {said}") from error


@contextmanager
def open_tensors(path: Path) -> Iterator[Tensors]:
    """The tensors of a .pt, .pth, .bin, .ckpt or .safetensors file. Raises ClipitError for any other bytes."""
    with ExitStack() as stack:
        with _explained(path):
            file = stack.enter_context(path.open("rb"))
            start, size = file.read(len(LEGACY)), path.stat().st_size
            file.seek(0)
            if start.startswith(b"PK\x03\x04"):
                tensors = _zipped(stack.enter_context(zipfile.ZipFile(file)), size)
            elif start == LEGACY:
                tensors = _legacy(file, size)
            else:
                tensors = _safe(stack.enter_context(safe_open(path, "pt")))

        def read(name: str) -> Tensor:
            with _explained(path):
                return tensors.read(name)

        yield Tensors(tensors.shapes, read)
