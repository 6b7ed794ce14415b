"""Mutated messages over every decoder: no error, no hang, no growth, and every answer lawful.

Byte flips, cuts, repeats, splices of messages of any two formats, edited lengths and numbers, deep
nesting, and bombs, made of all golden messages by a seed: `--first N` makes the same batches again.
"""

import faulthandler
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from schemas.formats import FORMATS, decoders
from streams.bench.fuzz.campaign import BATCH, GROWTH, Campaign, most_resident, resident

HANGS_S = 120
"""Wall time after which a batch is taken to hang: the process says where it stands, and ends."""
_WARM = 8  # batches of each format, before memory is weighed
_MB = 1e-6


def run(
    *,
    messages: Annotated[int, typer.Option(min=1, help="Of all formats, about.")] = 1_010_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the mutations.")] = 1,
    name: Annotated[list[str] | None, typer.Option("--format", help="Only these.")] = None,
    first: Annotated[int, typer.Option(min=0, help="Number of the first batch.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a format.")] = False,
) -> None:
    """Feed mutated messages to every decoder. Exit 1: an answer broke a law."""
    names = list(dict.fromkeys(name or FORMATS))
    campaigns = [Campaign(one, seed) for one in names if one in decoders()]
    grown = fuzz(campaigns, -(-messages // (BATCH * len(campaigns))), first)
    outcomes = [one.outcome for one in campaigns]
    for outcome in outcomes:
        typer.echo(msgspec.json.encode(asdict(outcome)) if as_json else outcome.line())
        for fault in outcome.faults[:5]:
            typer.echo(f"{outcome.format}: {fault}", err=True)
    wrong = sum(len(one.faults) for one in outcomes)
    if not as_json:
        slowest = max(outcomes, key=lambda one: one.slowest_s)
        typer.echo(
            f"fuzz: {sum(one.messages for one in outcomes):,} messages of {len(outcomes)} formats, "
            f"seed {seed}: {wrong} faults; slowest batch {slowest.slowest_s * 1e3:.0f} ms "
            f"({slowest.format}); memory {resident() * _MB:.0f} MB, {grown * _MB:+.0f} MB since "
            f"the first batches, at most {most_resident() * _MB:.0f} MB"
        )
    if wrong or grown > GROWTH:
        raise typer.Exit(1)


def fuzz(campaigns: Sequence[Campaign], batches: int, first: int = 0) -> int:
    """Run so many batches of each campaign, in turns; return by how many bytes memory grew."""
    begun = resident()
    for number in range(first, first + batches):
        for one in campaigns:
            faulthandler.dump_traceback_later(HANGS_S, exit=True)
            one.run(number)
        if number == first + _WARM:
            begun = resident()
    faulthandler.cancel_dump_traceback_later()
    return resident() - begun
