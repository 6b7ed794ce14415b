"""Bytes a sample and speed of bits, beside other codecs at the same error bound, in one run.

Sets are the folders under the one that is given, read as `alltobit replay` reads them; without one,
the simulated plant. The bound is a share of each signal's range, and every codec's values are
checked against it. Time is this thread's processor time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from models import warmup
from streams.bench.bits.measure import SHARES, Result, measure
from streams.bench.bits.sets import Table, folders, plant, published
from streams.bench.pinned import load, pinned

AIM_RATIO, AIM_RATE = 0.25, 20e6
SHARE = 0.005
COUNTED = """bytes a sample of the values, with all that is needed to read them:
  bits       frames as long as a set is, all but their names; the line below: with their names
  gorilla    XOR coding (Pelkonen et al. 2015) of each signal, one block; of float64 as it is, as
             deployed, and of values rounded to powers of two within the bound ("rounded")
  zstd       level 3, of each signal, float64 and float32 (which breaks the bound of a counter of
             1e14); "rounded": as above
  pcodec     lossless, of the rounded values; zfp, sz3: lossy float codecs, told the bound"""


def run(  # noqa: PLR0913 - options of the command
    folder: Annotated[Path | None, typer.Argument(help="Of sets; none: the plant.")] = None,
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the plant.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="Of each codec; the fastest counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a figure.")] = False,
    fail_over: Annotated[
        float | None, typer.Option(help="Exit 1: over this share of Gorilla's size.")
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option(help="Exit 1: fewer samples/s encoded, in the slowest set.")
    ] = None,
) -> None:
    """Compare bits with Gorilla, zstd and lossy float codecs at the same error bound."""
    sets = folders(folder) if folder else {"plant": plant(seed)}
    with pinned() as cpu:
        warmup.warm_up()
        if not as_json:
            typer.echo(COUNTED)
            typer.echo(f"one thread on processor {cpu}; {load()}")
        results = _each(sets, turns, as_json)
        if not as_json:
            typer.echo(published(seed).line())
    ratio, rate = relative(results, "gorilla"), slowest(results)
    if not as_json:
        typer.echo(_headline(results, ratio, rate))
    if (fail_over is not None and ratio > fail_over) or (
        fail_under is not None and rate < fail_under
    ):
        raise typer.Exit(1)


def _each(sets: dict[str, list[Table]], turns: int, as_json: bool) -> list[Result]:
    """Measure every set at every bound; print each result as it comes."""
    results = []
    for name, tables in sets.items():
        for share in SHARES:
            for one in measure(name, tables, share, turns):
                results.append(one)
                typer.echo(msgspec.json.encode(one).decode() if as_json else one.line())
    return results


def relative(results: Sequence[Result], codec: str) -> float:
    """Return our size over a codec's at `SHARE` of range: the mean of the sets."""
    mine, other = (
        {one.set: one.bytes_a_sample for one in results if (one.codec, one.share) == (name, SHARE)}
        for name in ("bits", codec)
    )
    return sum(mine[name] / other[name] for name in mine) / len(mine)


def slowest(results: Sequence[Result]) -> float:
    """Return the samples a second encoded at `SHARE` of range, in the slowest set."""
    return min(one.encode_rate for one in results if (one.codec, one.share) == ("bits", SHARE))


def _headline(results: Sequence[Result], ratio: float, rate: float) -> str:
    others = ", ".join(
        f"{relative(results, codec):.2f} of {codec}'s"
        for codec in dict.fromkeys(one.codec for one in results if one.share == SHARE)
        if codec not in {"bits", "gorilla", "bits with names"}
    )
    return (
        f"at {SHARE:.1%} of range, mean of the sets: {others}\n"
        f"bits: {ratio:.3f} of the size of Gorilla on float64 at {SHARE:.1%} of range (aim "
        f"{AIM_RATIO:g}), {rate / 1e6:.1f} M samples/s encoded in the slowest set (aim "
        f"{AIM_RATE / 1e6:g})"
    )
