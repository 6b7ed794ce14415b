"""Lines of native JSON: `{"asset": .., "time": .., "values": {point: number or null}}`."""

import math
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.replay.rows import BadLine, Reading, Row
from models.replay.times import time_ns
from models.simulate.frame import Frame


class _Line(BaseModel):
    model_config = ConfigDict(strict=True)

    asset: Annotated[str, Field(min_length=1)]
    time: str | int | float
    values: Annotated[dict[str, float | None], Field(min_length=1)]


def native_rows(lines: Iterable[str], how: Reading, source: str) -> Iterator[Row]:
    """Yield a frame or a bad line for every line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _frame(_Line.model_validate_json(line), how)
            except ValidationError as bad:
                first = bad.errors(include_url=False)[0]
                place = ".".join(map(str, first["loc"]))
                yield BadLine(source, number, f"{place}: {first['msg']}" if place else first["msg"])
            except ValueError as bad:
                yield BadLine(source, number, str(bad))


def _frame(line: _Line, how: Reading) -> Frame:
    time = time_ns(str(line.time), how.start_ns)
    if time is None:
        raise ValueError(f"{line.time!r} is no time")
    taken = {point: value for point, value in line.values.items() if how.wants(point)}
    if not taken:
        raise ValueError("has none of the wanted points")
    values = [math.nan if value is None else value for value in taken.values()]
    return Frame(how.asset or line.asset, time, tuple(taken), values)
