"""Bytes of bit frames: the layout has not changed, and whatever is not a frame is refused."""

import math
import zlib

import numpy as np
import pytest
from bit_frames import columns, names_of, table
from hypothesis import given, settings
from hypothesis import strategies as st

from models import bits
from models.packing.write import varint
from schemas.bits import FrameError

NAN = float("nan")

FULL_FRAME = (
    "41324202a7217ca245461777f33299349e0000007b226173736574223a2261222c2263656c6c223a2263222c"
    "22746f706963223a22726177222c22706172746974696f6e223a332c2265706f6368223a2265706f6368222c"
    "22706f696e7473223a5b227030222c227031225d2c22756e697473223a5b2257222c2257225d2c226c6f7722"
    "3a5b6e756c6c2c6e756c6c5d2c2268696768223a5b6e756c6c2c6e756c6c5d2c2262697473223a5b31322c30"
    "5d7d0a0a02020402020a010701c0000000000000014a4020b8360b54f5f480a4"
)
THIN_FRAME = (
    "41324202508d969cb66949b69949f35b9d0000007b226173736574223a2261222c2263656c6c223a2263222c"
    "22746f706963223a22726177222c22706172746974696f6e223a332c2265706f6368223a2265706f6368222c"
    "22706f696e7473223a5b227030222c227031225d2c22756e697473223a5b2257222c2257225d2c226c6f7722"
    "3a5b302e302c302e305d2c2268696768223a5b3135352e302c3135352e305d2c2262697473223a5b352c385d"
    "7d0a0a03020403020a0111010000000000000001490030fc10fc02f05f01de1ffff34fca055a072102"
)
EXACT_FRAME = (
    "4132420210872e0b7377f94c4d604f7b880000007b226173736574223a2261222c2263656c6c223a2263222c"
    "22746f706963223a22726177222c22706172746974696f6e223a332c2265706f6368223a2265706f6368222c"
    "22706f696e7473223a5b227030225d2c22756e697473223a5b2257225d2c226c6f77223a5b6e756c6c5d2c22"
    "68696768223a5b6e756c6c5d2c2262697473223a5b305d7d0a0a05010505010b012f0100000000000000001b"
    "74f010b87f17dba400921fb54442d18fc7ff11efa20a77b7eaffe23df4414ef6fd5002487ed5110b4650d2b7"
    "0fe17c79ad0080"
)
GOLDEN = {
    EXACT_FRAME: (
        names_of(1, width=0),
        columns(
            [0, 7, 9, 10, 11],
            range(5),
            [0] * 5,
            [7, 15, 23, 7, 15],
            [math.pi, -math.e, math.pi, -0.0, 1e-300],
        ),
    ),
    FULL_FRAME: (
        names_of(2, width=[12, 0]),
        columns(
            [5_000_000_000, 6_000_000_000],
            [0, 0, 1, 1],
            [0, 1, 0, 1],
            [7, 7, 7, 6],
            [1.5, 20.25, 1.75, NAN],
        ),
    ),
    THIN_FRAME: (
        names_of(2, 0.0, 155.0, [5, 8]),
        columns([5, 6, 9], [0, 1, 2, 2], [1, 0, 0, 1], [7, 5, 128, 135], [20.3, 1e9 / 3, NAN, 0.1]),
    ),
}


@pytest.mark.parametrize("golden", GOLDEN, ids=["exact", "full", "thin"])
def test_the_layout_has_not_changed(golden):
    names, samples = GOLDEN[golden]
    got = bits.decode(bytes.fromhex(golden))

    assert bits.encode(names, (10, 20), samples).hex() == golden
    assert got.samples.status.tolist() == samples.status.tolist()
    away = np.abs(got.samples.values - samples.values)
    assert np.nanmax(away / np.maximum(got.bounds[samples.point], 1e-300)) <= 1.0


def decoded_or_refused(data):
    """Assert that bytes are read or raise `FrameError`, nothing else."""
    try:
        frame = bits.decode(data)
    except FrameError as error:
        return str(error)
    taken, n = frame.samples, len(frame.samples.status)
    assert len(taken.row) == len(taken.point) == len(taken.values) == n
    assert not n or (taken.row.max() < len(taken.times_ns) and taken.row.min() >= 0)
    assert not n or (taken.point.max() < len(frame.names.points) and taken.point.min() >= 0)
    return ""


def resealed(data):
    """Return a frame with the checksum of what it is now."""
    return data[:4] + zlib.crc32(data[8:]).to_bytes(4, "little") + data[8:]


@pytest.mark.parametrize("golden", GOLDEN, ids=["exact", "full", "thin"])
def test_every_truncation_and_every_changed_byte_is_refused(golden):
    data = bytes.fromhex(golden)
    for at in range(len(data)):
        assert decoded_or_refused(data[:at])
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            if data[at] != value:
                assert decoded_or_refused(data[:at] + bytes([value]) + data[at + 1 :])
    assert decoded_or_refused(data + bytes(1))


@pytest.mark.parametrize("golden", GOLDEN, ids=["exact", "full", "thin"])
def test_no_changed_byte_does_harm_even_with_a_right_checksum(golden):
    data = bytes.fromhex(golden)
    for at in range(8, len(data)):
        decoded_or_refused(resealed(data[:at]))
        for value in (0, 1, 3, 0x7F, 0x80, 0xFF, data[at] ^ 1):
            decoded_or_refused(resealed(data[:at] + bytes([value]) + data[at + 1 :]))
    assert "behind its end" in decoded_or_refused(resealed(data + bytes(1)))


@settings(max_examples=300, deadline=None)
@given(golden=st.sampled_from([*GOLDEN]), body=st.binary(max_size=100))
def test_no_bytes_behind_the_names_do_harm(golden, body):
    data = bytes.fromhex(golden)
    length = int.from_bytes(data[16:20], "little")
    decoded_or_refused(resealed(data[: 20 + length] + body))
    sizes = bytes([10, 10, 3, 2, 6, 3, 2, 20, 9, 20, 9])
    decoded_or_refused(resealed(data[: 20 + length] + sizes + body[:58].ljust(58, b"\xa5")))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_do_harm(data):
    decoded_or_refused(data)
    decoded_or_refused(resealed(b"A2B\x02" + data))


def with_sizes(*sizes):
    """Return a frame of two points with another header, and nothing behind it."""
    said = bits.names_bytes(names_of(2))
    body = np.zeros(200, np.uint8)
    at = 0
    for size in sizes:
        at = varint.py_func(body, at, size)
    return bits.joined(bits.digest(said), said, body[:at].tobytes())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "begins with b''"),
        (b"A2B\x01" + bytes(300), "no bit frame of version 2"),
        (b"A2B\x02\xff\xff\xff\xff", "cut short or damaged"),
        (with_sizes(0, 0, 2**40, 2, 1, 1, 1), "more samples, moments or points"),
        (with_sizes(0, 0, 1, 2, 2**40, 1, 2, 0, 0), "more samples, moments or points"),
        (with_sizes(0, 0, 1, 2, 1, 0, 1), "tiles of nothing"),
        (with_sizes(0, 0, 2**20, 2, 2**20, 1, 1), "too many tiles"),
        (with_sizes(0, 0, 1, 3, 3, 1, 3, 0, 0, 0, 0), "differ in points"),
        (with_sizes(0, 0, 1, 2, 2**20, 1, 2, 0, 0, 0, 0), "not declared"),
        (with_sizes(0, 0, 1, 2), "cut short in its header"),
        (bits.joined(bytes(8), b"{}", b""), "names are others"),
    ],
)
def test_a_refusal_says_why(data, said):
    assert said in decoded_or_refused(data)


def test_names_that_contradict_themselves_are_refused():
    good = names_of(2)
    body = bits.encode(good, (0, 1), table([[1.0, 2.0]]))[20 + len(bits.names_bytes(good)) :]
    for bad in (names_of(2, 5.0, 5.0), names_of(2, width=17), names_of(2, None, 5.0)):
        said = bits.names_bytes(bad)
        assert "broken bit frame" in decoded_or_refused(bits.joined(bits.digest(said), said, body))
