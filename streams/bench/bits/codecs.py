"""The codecs that bits are compared with: bytes from the values of one signal, and back."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from schemas.telemetry import Floats
from streams.bench.bits import gorilla


class Codec(NamedTuple):
    """A codec for one signal at a time."""

    name: str
    encode: Callable[[Floats, float], bytes]
    """Of values and an error bound (0.0: none)."""
    decode: Callable[[bytes, int], Floats]
    """Of bytes and the number of values."""
    bounded: bool = True
    """Keeps the bound; float32 does not keep that of a large counter."""


def rounded(values: Floats, bound: float) -> Floats:
    """Round to multiples of a power of two, within the bound: most trailing zeros."""
    if bound == 0.0:
        return values
    step = 2.0 ** np.floor(np.log2(2 * bound))
    return np.asarray(np.rint(values / step) * step, np.float64)


def codecs(share: float) -> Iterator[Codec]:
    """Yield all that are installed, but for those that cannot be lossless where `share` is 0."""
    yield Codec("gorilla", lambda v, _: gorilla.encode(v), gorilla.decode)
    if share:
        yield Codec("gorilla, rounded", lambda v, b: gorilla.encode(rounded(v, b)), gorilla.decode)
    yield from _zstd(share)
    yield from _pcodec(share)
    if share:
        yield from _lossy()


def _zstd(share: float) -> Iterator[Codec]:
    import zstandard  # noqa: PLC0415 - of the extra `bench`

    pack, unpack = zstandard.ZstdCompressor(3).compress, zstandard.ZstdDecompressor().decompress

    def wide(data: bytes, _: int) -> Floats:
        return np.frombuffer(unpack(data), np.float64)

    def narrow(data: bytes, _: int) -> Floats:
        return np.frombuffer(unpack(data), np.float32).astype(np.float64)

    yield Codec("zstd float64", lambda v, _: pack(v.tobytes()), wide)
    yield Codec(
        "zstd float32", lambda v, _: pack(v.astype(np.float32).tobytes()), narrow, bounded=False
    )
    if share:
        yield Codec("zstd, rounded", lambda v, b: pack(rounded(v, b).tobytes()), wide)


def _pcodec(share: float) -> Iterator[Codec]:
    from pcodec import ChunkConfig, standalone  # noqa: PLC0415 - of the extra `bench`

    how = ChunkConfig()
    yield Codec(
        "pcodec, rounded" if share else "pcodec",
        lambda v, b: bytes(standalone.simple_compress(rounded(v, b), how)),
        lambda data, _: np.asarray(standalone.simple_decompress(data), np.float64),
    )


def _lossy() -> Iterator[Codec]:
    import zfpy  # noqa: PLC0415 - of the extra `bench`
    from pysz import sz, szConfig, szErrorBoundMode  # noqa: PLC0415 - of the extra `bench`

    def config(bound: float) -> Any:  # noqa: ANN401 - has no type
        how = szConfig()
        how.errorBoundMode = szErrorBoundMode.ABS
        how.absErrorBound = bound
        return how

    def unpack(data: bytes, n: int) -> Floats:
        values, _ = sz.decompress(np.frombuffer(data, np.uint8), np.float64, (n,))
        return np.asarray(values).reshape(n)

    yield Codec(
        "zfp",
        lambda v, b: bytes(zfpy.compress_numpy(v, tolerance=b)),
        lambda data, _: np.asarray(zfpy.decompress_numpy(data)),
    )
    yield Codec("sz3", lambda v, b: sz.compress(v, config(b))[0].tobytes(), unpack)
