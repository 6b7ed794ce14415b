"""Compile every loop before the first real sample: a small plant of five assets, through all."""

import numpy as np

from models import pipeline
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas.readings import Block, Tick, encode
from schemas.settings import Cell
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule

_SECOND = 1_000_000_000
_SOURCE = Source("warm", 0, "")


def warm_up() -> int:
    """Run a minute of five assets through all loops; return the frames made."""
    config = _config()
    blocks, state = _blocks(config), State(config)
    found = [pipeline.detect(state, encode(b)) for b in blocks]
    tick = Tick(0, 1_000, 60 * _SECOND, 100 * _SECOND)
    found.append(pipeline.judge(state, tick_block([(_SOURCE, tick)])))
    return sum(len(one.frames) for one in found)


def warm_up_ingest() -> int:
    """Run the same minute through the loops of ingest alone; return the blocks made."""
    return len(_blocks(_config()))


def _config() -> Config:
    rules = (
        Rule(name="warm", point="b", above=1.0, for_s=1.0),
        Rule(name="warm-if", condition='b.avg("9s") > 1 && a < 3', for_s=1.0),
    )
    cells = (Cell(name="warm", assets=("peer*",)),)
    return Config(rules=rules, frame_ns=_SECOND, cells=cells)


def _blocks(config: Config) -> list[Block]:
    gatherer, judge = Gatherer(lambda _asset: 0), Judge(config)
    for second in range(60):
        spans = SpansBuilder()
        spans.add(0, "warm", ("a", "b"), second * _SECOND, (float(second % 7), 2.0), (0, 0))
        spans.add(1, "warm", ("b",), second * _SECOND, (float("nan"),), (1,))
        for peer in range(4):
            spans.add(2, f"peer{peer}", ("b",), second * _SECOND, (1.0,), (0,))
        judged = judge.judge(spans.build(), np.full(3, -1, np.int64))
        gatherer.add(Piece(_SOURCE, np.arange(3) + 3 * second, judged))
    return gatherer.flush()[0]
