"""`alltobit simulate`: a simulated data centre, as its agents would publish it."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Annotated

import typer

from models.simulate import KINDS_OF_FAULTS, Fault, Plant
from models.simulate.wire import FACILITY_TOPIC, GPU_TOPIC, Wire, messages
from schemas.settings import Settings
from schemas.times import to_ns
from streams.cli.console import write_line
from streams.cli.feed import Timed, To, feed
from streams.cli.running import run_async, settings_of
from streams.errors import ConfigError
from streams.publish import Message

_FOREVER_S = 1e9
_FAULT = re.compile(
    r"(?P<kind>\w+)@(?P<asset>[^#:]+)(#(?P<point>[^:]+))?"
    r":(?P<start>[\d.]+)\+(?P<duration>[\d.]+)(\*(?P<severity>[\d.]+))?"
)


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    *,
    seed: Annotated[int, typer.Option(help="The same seed, the same samples.", min=0)] = 0,
    seconds: Annotated[
        float, typer.Option(help="Of simulated time; 0: until Ctrl-C.", min=0.0)
    ] = 0.0,
    rate: Annotated[
        float | None,
        typer.Option(help="Messages a second; 0: no limit. Default: in real time.", min=0.0),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="kind@asset:start+duration, in s; with #point after the asset, *severity (0..1) "
            "at the end; again for more."
        ),
    ] = None,
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help="List what can break, and leave.")
    ] = False,
    to: Annotated[To, typer.Option(help="Where to.")] = To.KAFKA,
    nodes: Annotated[int, typer.Option(help="GPU nodes.", min=1)] = 4,
    gpus: Annotated[int, typer.Option(help="GPUs of a node.", min=1)] = 8,
    step: Annotated[float, typer.Option(help="Between samples, s.", min=0.001)] = 1.0,
    wire: Annotated[Wire, typer.Option(help="How samples are written.")] = Wire.NATIVE_JSON,
    missing: Annotated[float, typer.Option(help="Share of lost samples.", min=0.0, max=1.0)] = 0.0,
    dark: Annotated[
        float, typer.Option(help="Share of signals that nobody tells.", min=0.0, max=1.0)
    ] = 0.0,
    rails: Annotated[
        int, typer.Option(help="NICs of a node, each on a leaf of its own.", min=1)
    ] = 1,
    inventory: Annotated[
        bool, typer.Option("--inventory", help="Publish the site graph first.")
    ] = False,
    start: Annotated[
        str,
        typer.Option(
            help="First event time, ISO 8601. Default: now; with --rate, so as to end now."
        ),
    ] = "",
) -> None:
    """Publish a simulated data centre.

    Power, cooling, GPUs and links move together, and a fault spreads as it would:
    --fault tower_fan_stuck@tower-1:60+300 breaks a fan after a minute, for five.
    """
    if list_faults:
        _list_faults()
        return
    settings = settings_of(ctx)
    make = partial(Plant, seed, nodes, gpus, _faults(fault or []), missing)
    plant = _plant(partial(make, rails=rails, dark=dark))
    begin_ns = start_ns(start, 0.0 if rate is None else seconds)
    timed = _messages(plant, begin_ns, (seconds or _FOREVER_S, step), wire)
    site = _inventory(plant, begin_ns, settings) if inventory else ()
    named = chain(site, _renamed(timed, _names(settings, to)))
    speed = 1.0 if rate is None else 0.0
    run_async(feed(settings.kafka, named, to, rate=rate or 0.0, speed=speed))


def _plant(make: Callable[[], Plant]) -> Plant:
    try:
        return make()
    except ValueError as error:
        raise ConfigError("plant", "", str(error), "correct the options") from error


def _list_faults() -> None:
    for name, kind in KINDS_OF_FAULTS.items():
        write_line(f"{name:<18} {kind.asset_kind or 'any':<12} {kind.says}")


def _faults(texts: list[str]) -> tuple[Fault, ...]:
    return tuple(parse_fault(text) for text in texts)


def parse_fault(text: str) -> Fault:
    """Read `kind@asset[#point]:start+duration[*severity]`. Raises `ConfigError`."""
    trouble = "not kind@asset[#point]:start+duration[*severity]"
    if found := _FAULT.fullmatch(text):
        try:
            return Fault(
                found["kind"],
                found["asset"],
                float(found["start"]),
                float(found["duration"]),
                float(found["severity"] or 1.0),
                found["point"] or "",
            )
        except ValueError as error:
            trouble = str(error)
    raise ConfigError("fault", text, trouble, "see `alltobit simulate --list-faults`")


def start_ns(text: str, seconds: float) -> int:
    """Return the first event time: as told, or so that `seconds` of it end now.

    Raises `ConfigError`.
    """
    if not text:
        return time.time_ns() - round(seconds * 1e9)
    found = to_ns(text)
    if found is None:
        raise ConfigError("start", text, "no time of 1970 to 2200", "write 2026-01-31T12:00:00Z")
    return found


def _messages(
    plant: Plant, begin_ns: int, span: tuple[float, float], wire: Wire
) -> Iterator[tuple[int, Message]]:
    """Yield event time and message. `span`: seconds in all, seconds a step."""
    for tick in plant.run(begin_ns, *span):
        for topic, key, value in messages(tick, wire):
            yield tick.time_ns, Message(topic, key, value)


def _inventory(plant: Plant, begin_ns: int, settings: Settings) -> Iterator[tuple[int, Message]]:
    """Yield the parts of the site graph, by `SITE/PART`."""
    for part in plant.parts(settings.site.name):
        key = f"{part.site}/{part.part}".encode()
        value = part.model_dump_json(exclude_defaults=True).encode()
        yield begin_ns, Message(settings.topics.inventory, key, value)


def _names(settings: Settings, to: To) -> dict[str, str]:
    """Say how the settings name the two topics of the plant."""
    if to is To.STDOUT:
        return {}
    return {topic: _named(settings, topic) for topic in (FACILITY_TOPIC, GPU_TOPIC)}


def _named(settings: Settings, topic: str) -> str:
    """Return the raw topic of this name, else the only one that ends like it."""
    names = [raw.name for raw in settings.raw]
    last = topic.rsplit(".", 1)[1]
    alike = [name for name in names if name == topic] or [n for n in names if n.endswith(last)]
    if len(alike) != 1:
        raise ConfigError(
            "raw", ", ".join(names), f"none is {topic} or the only one with {last}", "name it so"
        )
    return alike[0]


def _renamed(timed: Timed, names: dict[str, str]) -> Iterator[tuple[int, Message]]:
    for time_ns, message in timed:
        yield time_ns, message._replace(topic=names.get(message.topic, message.topic))
