"""Reads the tensors of a file in torch.save's format before 1.6, and executes nothing of it.

Such a file is five pickles (magic number, protocol, machine, state, keys of the storages), then the storages: their
number of elements as int64 and the raw elements, in the order of the keys. A pickle can name any function of any module
and have it called, so Python's own unpickler is not used: the instructions are read by pickletools, which only decodes,
and the few that a dictionary of tensors needs are followed here on plain values. Anything else is an error.
Format: torch/serialization.py (legacy_load) and pickletools.py of the standard library.
"""

import array
import collections
import itertools
import math
import pickletools
import struct

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
START = b"\x80\x02\x8a\x0a"  # of the pickled magic number

Global = collections.namedtuple("Global", "name")
Storage = collections.namedtuple("Storage", "key kind size")
Tensor = collections.namedtuple("Tensor", "shape kind data")  # data: row-major little-endian bytes
View = collections.namedtuple("View", "storage offset shape stride")

MARK = object()
ORDERED_DICT, REBUILD = Global("collections OrderedDict"), Global("torch._utils _rebuild_tensor_v2")
KINDS = {"torch FloatStorage": ("F32", 4), "torch LongStorage": ("I64", 8)}
ALLOWED = {ORDERED_DICT.name, REBUILD.name, *KINDS}


class Refused(Exception):
    """The file is none that this reader reads; the text says why."""


def require(holds, got):
    if not holds:
        raise Refused(got)


class Machine:
    """Follows the instructions of one pickle; `result` is what it leaves."""

    def __init__(self):
        self.stack, self.memory = [], {}

    def pop(self):
        require(self.stack and self.stack[-1] is not MARK, "an instruction without its operand")
        return self.stack.pop()

    def pop_to_mark(self):
        require(any(one is MARK for one in self.stack), "an instruction without its mark")
        above = []
        while self.stack[-1] is not MARK:
            above.append(self.stack.pop())
        self.stack.pop()
        return above[::-1]

    def tuple_of(self, count):
        return tuple([self.pop() for _ in range(count)][::-1])

    def get(self, place):
        require(place in self.memory, f"memory {place}, which was never written")
        return self.memory[place]

    def put(self, place):
        require(self.stack, "nothing to remember")
        self.memory[place] = self.stack[-1]

    def set_items(self, items):
        require(len(items) % 2 == 0 and self.stack and isinstance(self.stack[-1], dict), "entries of something that is no dictionary")
        for key, value in zip(items[::2], items[1::2]):
            require(isinstance(key, str), f"the key {key!r}")
            self.stack[-1][key] = value

    def append(self, items):
        require(self.stack and isinstance(self.stack[-1], list), "elements of something that is no list")
        self.stack[-1].extend(items)

    def named(self, name):
        require(name in ALLOWED, f"the name {name}, which no dictionary of tensors needs")
        return Global(name)

    def called(self, arguments, function):
        """What the two functions that may be called would give; nothing is called."""
        require(isinstance(function, Global) and isinstance(arguments, tuple), f"a call of {function!r}")
        if function == ORDERED_DICT:
            require(arguments == (), "an OrderedDict with content")
            return {}
        require(function == REBUILD and len(arguments) == 6, f"a call of {function.name} with {len(arguments)} arguments")
        storage, offset, shape, stride = arguments[:4]
        numbers = [offset, *shape, *stride] if isinstance(shape, tuple) and isinstance(stride, tuple) else [None]
        require(isinstance(storage, Storage) and all(type(n) is int and n >= 0 for n in numbers) and len(shape) == len(stride),
                "a tensor without storage, shape or stride")
        return View(storage, offset, shape, stride)

    def stored(self, identity):
        require(isinstance(identity, tuple) and len(identity) == 6, "a storage of an unknown form")
        word, kind, key, place, size, view = identity
        require(word == "storage" and isinstance(kind, Global) and kind.name in KINDS and isinstance(key, str) and place == "cpu"
                and type(size) is int and size >= 0 and view is None, f"a storage of an unknown form, {identity!r}")
        return Storage(key, KINDS[kind.name], size)

    def build(self, state):
        """torch keeps the layers' versions beside a dictionary of tensors; they say nothing of these."""
        require(self.stack and isinstance(self.stack[-1], dict) and isinstance(state, dict) and set(state) <= {"_metadata"},
                "attributes of an object")

    def step(self, name, argument):
        push = self.stack.append
        if name in ("PROTO", "STOP"):
            require(name == "STOP" or argument == 2, f"pickle protocol {argument}")
        elif name in ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"):
            push(argument)
        elif name in ("NONE", "NEWTRUE", "NEWFALSE"):
            push({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
        elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            push({"EMPTY_DICT": {}, "EMPTY_LIST": [], "EMPTY_TUPLE": ()}[name])
        elif name == "MARK":
            push(MARK)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            push(self.tuple_of(int(name[-1])))
        elif name == "TUPLE":
            push(tuple(self.pop_to_mark()))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.put(argument)
        elif name in ("BINGET", "LONG_BINGET"):
            push(self.get(argument))
        elif name == "SETITEM":
            self.set_items(list(self.tuple_of(2)))
        elif name == "SETITEMS":
            self.set_items(self.pop_to_mark())
        elif name in ("APPEND", "APPENDS"):
            self.append([self.pop()] if name == "APPEND" else self.pop_to_mark())
        elif name == "GLOBAL":
            push(self.named(argument))
        elif name == "REDUCE":
            push(self.called(self.pop(), self.pop()))
        elif name == "BINPERSID":
            push(self.stored(self.pop()))
        elif name == "BUILD":
            self.build(self.pop())
        else:
            raise Refused(f"the instruction {name}, which no dictionary of tensors needs")


def follow(file):
    """The value of the pickle that begins where `file` stands; the file then stands behind it."""
    machine = Machine()
    try:
        for instruction, argument, _ in pickletools.genops(file):
            machine.step(instruction.name, argument)
    except (ValueError, struct.error) as why:  # of pickletools, on bytes that are no whole instruction
        raise Refused(f"a damaged pickle ({why})") from None
    require(len(machine.stack) == 1 and machine.stack[0] is not MARK, "a pickle that leaves no single value")
    return machine.stack[0]


def cut(view, bytes_of):
    """The view's elements in row-major order: converters leave tensors in another order of dimensions."""
    width = view.storage.kind[1]
    sizes = [(size, stride) for size, stride in zip(view.shape, view.stride) if size != 1]
    last = view.offset + sum((size - 1) * stride for size, stride in sizes)
    count = math.prod(view.shape)
    require(0 < count <= view.storage.size and last < view.storage.size, f"a tensor {view.shape} that reaches beyond its storage")
    elements = array.array({4: "I", 8: "Q"}[width], bytes_of[view.storage.key])
    size, stride = sizes.pop() if sizes else (1, 1)
    require(stride > 0 and all(step > 0 for _, step in sizes), "a tensor that repeats elements")
    found = array.array(elements.typecode)
    for outer in itertools.product(*[range(count) for count, _ in sizes]):
        start = view.offset + sum(at * step for at, (_, step) in zip(outer, sizes))
        found.extend(elements[start:start + (size - 1) * stride + 1:stride])
    return Tensor(view.shape, view.storage.kind[0], found.tobytes())


def read_storages(file, wanted):
    """{key: bytes} of the storages behind the pickles; `wanted` maps keys to what the pickle said of them."""
    keys = follow(file)
    require(isinstance(keys, list) and sorted(map(str, keys)) == sorted(wanted), "other storages than its tensors need")
    found = {}
    for key in keys:
        head = file.read(8)
        require(len(head) == 8 and struct.unpack("<q", head)[0] == wanted[key].size, f"a storage of another size than its tensors say, {key}")
        found[key] = file.read(wanted[key].size * wanted[key].kind[1])
        require(len(found[key]) == wanted[key].size * wanted[key].kind[1], f"a file that ends within storage {key}")
    require(not file.read(1), "bytes behind the last storage")
    return found


def read_tensors(file):
    """{name: Tensor} of an open binary file; Refused for anything that is not a whole dictionary of tensors."""
    require(file.read(len(START)) == START, "a file of another format")
    file.seek(0)
    require(follow(file) == MAGIC and follow(file) == PROTOCOL, "a file of another format or version")
    machine = follow(file)
    require(isinstance(machine, dict) and machine.get("little_endian") is True, "a file of a big-endian machine")
    state = follow(file)
    require(isinstance(state, dict) and state and all(isinstance(one, View) for one in state.values()), "no dictionary of tensors")
    wanted = {}
    for view in state.values():
        require(wanted.setdefault(view.storage.key, view.storage) == view.storage, f"two sizes of storage {view.storage.key}")
    bytes_of = read_storages(file, wanted)
    return {name: cut(view, bytes_of) for name, view in state.items()}
