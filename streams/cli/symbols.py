"""`alltobit bits show`: bit frames of a window as text for language models."""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from time import time

from models.bits import Frame, Reader
from models.symbols import Window, summaries, text
from schemas.bits import FrameError
from schemas.settings import Kafka
from streams.cli.tail import since
from streams.errors import ConfigError

_LATE_S = 60.0  # frames come that much after their events, at most


def decoded(data: Sequence[bytes], where: str) -> list[Frame]:
    """Decode frames, also those whose names only a later one tells."""
    reader = Reader()
    try:
        for one in data:
            reader.learn(one)
        return [reader.decode(one) for one in data]
    except FrameError as error:
        raise ConfigError("frames", where, str(error), "name messages of the topic bits") from error


async def recent(kafka: Kafka, topic: str, minutes: float) -> list[bytes]:
    """Read the frames of the last minutes."""
    since_ms = round(1e3 * (time() - 60.0 * minutes - _LATE_S))
    async with aclosing(since(kafka, topic, since_ms)) as records:
        return [record.value async for record in records]


def told(frames: Sequence[Frame], minutes: float, budget: int) -> str:
    """Say what happened in the last minutes of event time that frames know of."""
    end_ns = max((int(one.samples.times_ns.max(initial=0)) for one in frames), default=0) + 1
    window = Window(end_ns - round(60e9 * minutes), end_ns)
    return text(summaries(frames, window), window, budget)


def files(paths: Iterable[Path]) -> list[bytes]:
    """Read files of one frame each."""
    found = []
    for path in paths:
        try:
            found.append(path.read_bytes())
        except OSError as error:
            said = f"{error.strerror}"
            raise ConfigError("file", path, said, "name files with a frame each") from error
    return found
