"""The site graph, and what signals did: bits and readings of a window."""

import asyncio
from contextlib import aclosing
from time import time_ns

from models.ask import bits
from models.ask.fit import limited
from models.ask.neighbours import neighbour, steps
from models.ask.stretches import Signal, stretches
from models.report.say import cut
from models.symbols import Window
from schemas import readings
from schemas.ask import question as asks
from schemas.ask import signals as told
from schemas.readings import BlockError
from schemas.units import Table
from streams.mcp.desk import Desk, Reading, Told, Tool, window_of


async def around(desk: Desk, asked: asks.Neighbours) -> Told:
    """Return neighbours."""
    site, graph = desk.follower.graph(asked.site, asked.asset)
    found = await asyncio.to_thread(steps, graph, asked.asset, asked.hops)
    near = tuple(neighbour(graph, one) for one in found[: asked.limit])
    name = graph.names[graph.place(asked.asset)]
    out = told.Around(
        site=site,
        asset=cut(name, 249),
        kind=graph.kind_of(name),
        neighbours=near,
        left_out=len(found) - len(near),
    )
    return Told(out)


async def read_bits(desk: Desk, asked: asks.ReadBits) -> Told:
    """Tell what signals did."""
    wanted = bits.Asked(asked.asset, asked.point, window_of(asked))
    reading = _reading(desk)

    async def work() -> tuple[str, int]:
        for data in await _frames(desk, reading, wanted):
            wanted.take(data)
        return bits.told(wanted, asked.tokens)

    said, many = await desk.aside(work)
    out = told.BitsTold(signals=many, text=said, left_out=wanted.unread, note=reading.note)
    return Told(out, "\n".join(filter(None, [said, reading.note])))


async def list_signals(desk: Desk, asked: asks.ListSignals) -> Told:
    """List assets with their points."""
    end_ns = time_ns()
    window = Window(end_ns - round(60e9 * asked.minutes), end_ns)
    wanted, reading = bits.Asked(asked.asset, asked.point, window), _reading(desk)
    await desk.aside(lambda: _frames(desk, reading, wanted))
    rows = tuple(bits.signals(wanted))
    return Told(limited(told.Signals(assets=rows, note=reading.note), asked.limit))


async def _frames(desk: Desk, reading: Reading, wanted: bits.Asked) -> list[bytes]:
    """Read the frames of a window, and learn their names."""
    found = []
    async with aclosing(reading.records(desk.settings.topics.bits, wanted.window)) as records:
        async for record in records:
            wanted.learn(record.value)
            found.append(record.value)
    return found


async def read_readings(desk: Desk, asked: asks.ReadReadings) -> Told:
    """Return the values of one signal."""
    window, reading = window_of(asked), _reading(desk)
    signal = Signal(asked.asset, asked.point, window)
    broken = await desk.aside(lambda: _take(desk, reading, signal))
    samples = signal.samples()
    cuts = tuple(stretches(samples, window, asked.stretches))
    none = "" if len(samples.values) else "nothing of this signal: see list_signals for its name"
    point = Table(desk.settings.points).meaning(asked.point).point
    out = told.Readings(
        asset=asked.asset,
        point=asked.point,
        unit=point.unit if point else "",
        stretch_s=(window.end_ns - window.start_ns) / asked.stretches / 1e9,
        samples=len(samples.values),
        stretches=cuts,
        left_out=broken,
        note=reading.note or none,
    )
    return Told(out)


async def _take(desk: Desk, reading: Reading, signal: Signal) -> int:
    """Read a window; return how many blocks were broken."""
    broken = 0
    topic = desk.settings.topics.readings
    async with aclosing(reading.records(topic, signal.window)) as records:
        async for record in records:
            try:
                signal.take(readings.decode(record.value))
            except BlockError:
                broken += 1
    return broken


def _reading(desk: Desk) -> Reading:
    return Reading(desk.settings.kafka, desk.settings.mcp)


TOOLS = (
    Tool("neighbours", asks.Neighbours, told.Around, around),
    Tool("read_bits", asks.ReadBits, told.BitsTold, read_bits),
    Tool("read_readings", asks.ReadReadings, told.Readings, read_readings),
    Tool("list_signals", asks.ListSignals, told.Signals, list_signals),
)
