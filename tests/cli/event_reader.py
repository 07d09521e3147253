"""Reads TensorBoard's event files with nothing but Python: TFRecord framing, checksums, and the fields of Event."""

import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (checksum,) = struct.unpack_from("<I", data, at + 8)
        assert checksum == masked(data[at:at + 8]), f"checksum of the length at byte {at}"
        message = data[at + 12:at + 12 + length]
        (checksum,) = struct.unpack_from("<I", data, at + 12 + length)
        assert checksum == masked(message), f"checksum of the record at byte {at}"
        yield message
        at += 12 + length + 4


def fields(message):
    """(number, value) of a Protocol Buffers message: ints, bytes, and raw 4 or 8 bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        number, kind = divmod(varint(), 8)
        if kind == 0:
            yield number, varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            yield number, message[at:at + size]
            at += size


def scalars(data):
    """{tag: [(step, value, wall time)]}, in the order of the file; and the file's version."""
    found, version = {}, None
    for message in records(data):
        event = dict(fields(message))
        (wall_time,) = struct.unpack("<d", event[1])
        version = event.get(3, version)
        for _, value in fields(event.get(5, b"")):
            parts = dict(fields(value))
            (number,) = struct.unpack("<f", parts[2])
            found.setdefault(parts[1].decode(), []).append((event.get(2, 0), number, wall_time))
    return found, version
