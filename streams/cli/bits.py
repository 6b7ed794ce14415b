"""`alltobit bits`: bit frames for people."""

import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from models.bits import Frame, Reader
from models.symbols.text import BUDGET
from schemas.bits import MAGIC, FrameError, NamesError
from schemas.settings import Kafka
from streams.cli import frames, symbols
from streams.cli.console import out, write_json
from streams.cli.lazy import HOW
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of
from streams.cli.tail import before, fetch
from streams.cli.watch import topic_named
from streams.errors import ConfigError

app = typer.Typer(no_args_is_help=True, **HOW)


@app.callback()
def explain() -> None:
    """Read bit frames."""


@app.command("decode")
def decode_frame(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(help="A frame, as bytes or hexadecimal; - for stdin.")
    ] = "-",
    *,
    topic: Annotated[str, typer.Option(help="Read it from this topic instead.")] = "",
    partition: Annotated[int, typer.Option(help="Of the topic.", min=0)] = 0,
    offset: Annotated[int, typer.Option(help="Of the frame in the partition.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decode one frame to a table: every sample with its value and status."""
    reader = Reader()
    if topic:
        settings = settings_of(ctx)
        name = topic_named(topic, settings)
        where = f"{name}/{partition}@{offset}"
        data = run_async(fetch(settings.kafka, name, partition, offset)).value
        run_async(_learn(reader, settings.kafka, name, (partition, offset), data))
    else:
        where, data = file, _frame_bytes(_read(file))
    frame = _decoded(reader, data, where)
    if as_json:
        write_json(frames.document(frame))
    else:
        out().print(frames.summary(frame, len(data)))
        out().print(frames.table(frame))


@app.command("show")
def show(
    ctx: typer.Context,
    file: Annotated[list[Path] | None, typer.Argument(help="A frame each; none: Kafka.")] = None,
    *,
    topic: Annotated[str, typer.Option(help="Where frames are.")] = "bits",
    minutes: Annotated[float, typer.Option(min=1, help="Of event time, the last ones.")] = 60.0,
    budget: Annotated[int, typer.Option(min=200, help="Tokens, at most.")] = BUDGET,
) -> None:
    """Tell what all signals did, in words that a language model can read.

    Anomalous signals have a line each, those that move most have one while there is room, the rest
    is summed up. Tokens are counted high: one for each 3 letters or digits, one for each mark.
    """
    if file:
        data, where = symbols.files(file), str(file[0])
    else:
        settings = settings_of(ctx)
        where = topic_named(topic, settings)
        data = run_async(symbols.recent(settings.kafka, where, minutes))
    for line in symbols.told(symbols.decoded(data, where), minutes, budget).splitlines():
        out().print(plain(line))


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigError("file", file, f"{error.strerror}", "name a file with a frame") from error


def _frame_bytes(data: bytes) -> bytes:
    """Return the bytes of a frame, which may stand there in hexadecimal."""
    if data.startswith(MAGIC):
        return data
    try:
        return bytes.fromhex(data.decode("ascii"))
    except ValueError:
        return data


async def _learn(
    reader: Reader, kafka: Kafka, topic: str, place: tuple[int, int], data: bytes
) -> None:
    """Let a reader know the names of a frame that does not tell them. `place`: where it is."""
    try:
        reader.decode(data)
    except NamesError:
        async with aclosing(before(kafka, topic, *place)) as records:
            async for record in records:
                reader.learn(record.value)
    except FrameError:
        return  # is told when it is decoded


def _decoded(reader: Reader, data: bytes, where: str) -> Frame:
    try:
        return reader.decode(data)
    except FrameError as error:
        raise ConfigError("frame", where, str(error), "name a message of the topic bits") from error
