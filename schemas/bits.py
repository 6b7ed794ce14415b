r"""Bits v2: the layout of a bit frame. The frames of one asset, as one source told it.

A frame is the value of one Kafka message, CloudEvents binary mode (`ce_id`, `ce_type`, ...). It
holds N samples: P points at R moments, a sample at most for each point and moment. Values come
back within the bound of their point; those of counters, states and decimal texts exactly.
`schemas/bits_reader.py` reads frames in plain Python and is part of this description.

    offset  type      what
    0       4 bytes   "A2B" and the version, b"\x02"
    4       u32       CRC-32 (of zlib, PNG, Ethernet) of all that follows; little-endian, like all
    8       8 bytes   which names: BLAKE2b of them, 8 bytes long
    16      u32       J, length of the names; 0: an earlier frame of the partition told them
    20      J bytes   the names: JSON, see `Names`
    ..      varints   first raw offset, last - first, R, P, N, H, G, then two lengths of the head
                      and of each tile (7 bits a byte, lowest first; the highest bit: more follow)
    ..      head      a stream: the times, then how each point's values became codes
    ..      tiles     a stream each: G points at H moments; all points of the first H moments first

**A stream** is two streams of bits, highest bit first, each filled with zeros to a byte: what is
said, and behind it the hush, which tells what is rare. The header has a length for each, in bytes.

**The hush** (MELCODE of JPEG-LS: Weinberger, Seroussi, Sapiro 2000) answers one question after the
other: did it happen? It has a level, at first 0. A bit 1: it does not, 2**RUNS[level] times, and
the level is one more (at most 31). A bit 0 and a number of RUNS[level] bits: so many times it does
not, then it does, and the level is one less (at least 0). The last run may go on behind the end.

**A number** of class c: its length b in bits, of what is left without its sign (0: it is 0), in the
prefix code of c, then b bits: 1 where it is negative, and what follows its highest bit. A prefix
code is canonical (as in DEFLATE): `LENGTHS[c]` has the length of the code of each b, 0 where there
is none; shorter codes come first, then smaller b. b = `ESCAPE`: 7 bits with the length follow
first. Of length 65 are 64 bits that are no number, but stand in its place. A wide number: its
length in steps of 6 bits, in the same prefix codes, then 1 where it is negative, and so many bits
(64 at most).

**The head.** 2 bits: times in ns, us, ms or s. 64 bits: the first time (where there is one). For
each other: did the difference change (at first it is 0)? Then by how much, class `SECOND`. For each
point: is its scale (kind, exponent) another than the one before (at first two zeros)? Then 2 bits,
the kind; but for grid by how much the exponent differs from that of the last point of this
kind (at first 0), class `SECOND`.

    0  grid     value = low + code * step, of the names
    1  binary   value = code * 2**e; learned: e tells one version of a signal's steps from another
    2  decimal  value = code / 10**d
    3  exact    value = the float64 whose bits are code * 2**e; where code is negative, with
                code ^ (2**(63 - e) - 1) in its place. Numbers of codes are wide ones

The bound of grid and binary is half a step and a millionth of it: `HALF * step`. A value that
cannot be met so is told exactly, in 64 bits.

**A tile** is three parts, each for one point after the other.
* At which moments there are samples. Is one lacking, in the whole tile? Then for each point: is one
  lacking? Then their count (class `FIRST`), and for each how many moments are passed over before it
  (class `SECOND`).
* The status of each sample. Is any not `GOOD`, in the whole tile? Then for each point: is any not
  as the one before it (before the first: `GOOD`; across points)? Then a bit: 1, they change often.
  Then for each sample its place among the last three statuses that differ, the latest first (at
  first `GOOD`, 0, 0): 0, 10 or 110; 111 and 8 bits is another. Where they do not change often, it
  is asked first: is it not as the last one? If so, the place is told without its first bit.
* The values of samples with status `VALID`. Where there is none, nothing. Else the first code,
  class `FIRST`. Are the others not all equal to it? Then, where there are 8 samples in the tile or
  more, 2 bits: the mode in which the next code is predicted; else it is 0. Then for each other
  sample code - prediction: the first of them of class `SECOND`, the next ones of the class of their
  activity, `min(a >> 2, 37)`: a is 16 b of the first, then `a += (16 b - a) >> 2`. Below class
  `QUIET` it is asked first: is it not 0? 64 bits in place of a number are the value itself as
  float64; they change neither prediction nor activity. (In place of the first code: it is 0.)

    mode 0  the last code
    mode 1  twice the last less the one before (the first: itself)
    mode 2  (m + 8) >> 4; m is 16 times the first code, then `m += (16 code - m) >> 2`

A status byte: bit 0 valid, 1 fresh, 2 in range, 3 rising, 4 falling, 5 high, 6 low, 7 anomalous.
"""

from typing import Final

import msgspec

MAGIC: Final = b"A2B\x02"
VERSION: Final = 2
CONTENT_TYPE: Final = "application/vnd.alltobit.bits.v2"
TYPE: Final = "io.alltobit.bits.frame"

VALID: Final = 1
"""There is a finite number."""
FRESH: Final = 2
"""Newer than what the signal said before: neither late nor duplicate."""
IN_RANGE: Final = 4
"""Not outside the range declared possible for the point."""
RISING: Final = 8
FALLING: Final = 16
HIGH: Final = 32
"""More than 3 spreads over the robust centre."""
LOW: Final = 64
ANOMALOUS: Final = 128
"""Inside an anomaly episode."""
GOOD: Final = VALID | FRESH | IN_RANGE

GRID: Final = 0
BINARY: Final = 1
DECIMAL: Final = 2
EXACT: Final = 3

HALF: Final = 0.5 * (1 + 2.0**-20)
"""A value comes back within so many steps."""
MOST_SAMPLES: Final = 1 << 20
"""Of a frame; also its most moments, and its most points."""
UNITS_NS: Final = (1, 1_000, 1_000_000, 1_000_000_000)
"""What times are counted in."""

SECOND: Final = 38
"""Class of second codes, and of all that has no other."""
FIRST: Final = 39
"""Class of first codes."""
QUIET: Final = 2
"""Below this class, 0 is a matter of the hush."""
ESCAPE: Final = 25
WIDE: Final = 6
"""Bits that the lengths of exact codes count in."""
RAW: Final = 65
"""Length of what stands in place of a number."""
RUNS: Final = (0,) * 4 + (1,) * 4 + (2,) * 4 + (3,) * 4 + (4, 4, 5, 5, 6, 6, 7, *range(7, 16))

_LENGTHS: Final = """
01344464647896ccccdddddddd 0123558586a9c8eeeeeeeeeeee 1234667787abd9ffffffffffff
1234667787abd9ffffffffffff 2223457787bae9eeffffffffff 2223547787bad9ffffffffffff
2223457787aacaeeeeeeeeeeee 2322457698bbdbffffffffffff 332234666789baeeeeffffffff
23323466768ac9eeeeeeeeeeee 343223667689baeeeeffffffff 343223577798abeeeeffffffff
3432235687aaabeeeeffffffff 34322357779ab8eeeeffffffff 344322457689baeeeeffffffff
344322457689baeeeeffffffff 354322446789baeeeeffffffff 454322346789baeeeeffffffff
365432245578a9ddddeeeeeeee 465432235578a9ddddeeeeeeee 475432234689baeeeeffffffff
4655332245789addddeeeeeeee 465543223578a9ddddeeeeeeee 4655432235789addddeeeeeeee
4755432235689addddeeeeeeee 46654322356789ccccdddddddd 5866542224679acdeeeeeeeeee
47755432235789bcdddddddddd 4875543223569acdeeeeeeeeee 4976643223468acdeeeeeeeeee
4a865533224579cdeeeeeeeeee 5986554322347acdeeeeeeeeee 58766543223469bcdddddddddd
5987654332245acddeeeeeeeff 5987665332236abdeeffffffff 5a876653322369bdeeffffffff
4987655432235abdeeffffffff 5a987755422247bdeeffffffff 33333344456789bccccddeeeff
28766533436543abbbbccdddee
"""
LENGTHS: Final = tuple(tuple(int(n, 16) for n in row) for row in _LENGTHS.split())
"""Of the codes of lengths 0..25, a class a row: Huffman codes (1952) of simulated signals."""


def _canonical(lengths: tuple[int, ...]) -> tuple[int, ...]:
    codes, code, before = [0] * len(lengths), 0, 0
    for n, b in sorted((n, b) for b, n in enumerate(lengths) if n):
        code <<= n - before
        codes[b], code, before = code, code + 1, n
    return tuple(codes)


CODES: Final = tuple(map(_canonical, LENGTHS))
"""The codes themselves."""


class Covers(msgspec.Struct, frozen=True):
    """The raw messages a frame was made of."""

    topic: str
    partition: int
    epoch: str
    first_offset: int
    last_offset: int


class Names(msgspec.Struct, frozen=True):
    """What is the same in many frames: who tells, and what the points mean. P points."""

    asset: str
    cell: str
    topic: str
    """Of the raw messages."""
    partition: int
    epoch: str
    points: list[str]
    units: list[str]
    low: list[float | None]
    """The value of code 0 of a grid; none: not declared."""
    high: list[float | None]
    """The value of its last code: `step = (high - low) / (2**bits - 1)`, at least 2**-1022."""
    bits: list[int]
    """Width of a code, 1..16: how finely a range is divided; 0: told exactly."""


class FrameError(ValueError):
    """The bytes are no bit frame of a version we know."""


class NamesError(FrameError):
    """The names of a frame are told in an earlier one, which is not known."""
