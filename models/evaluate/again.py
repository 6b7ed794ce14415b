"""A worker's memory of assets that tell the same points in the same order, again and again."""

import numpy as np

from models.frames import BitFrame, forget
from models.names import Config
from models.rows import SPAN, Table
from models.state import State
from schemas.readings import VERSION, Block, Meta
from schemas.telemetry import Indices, Ints, Source, Spans


class Again(State):
    """Looks the names of a site up once; makes no bit frames. Events are those of a `State`."""

    def __init__(self, config: Config, source: Source, assets: int) -> None:
        """Know no asset yet, of so many at `source`."""
        super().__init__(config)
        self._meta = Meta(VERSION, [(*source,)], [], [], [])
        self._known = np.zeros(assets, np.bool_)
        self._spans = np.zeros(assets, SPAN)

    def knows(self, which: Ints) -> bool:
        """Say whether all these assets, by their place among all, have been told of."""
        return bool(self._known[which].all())

    def know(self, block: Block, which: Ints) -> None:
        """Remember where the assets of a block that was applied have their rows."""
        mapped = self._map.size
        self._spans[which] = super().spans(block)
        if self._map.size < mapped:  # it was full, and begun anew
            self._known[:] = False
        self._known[which] = True

    def block(self, spans: Spans, which: Ints, offset: Ints) -> Block:
        """Return a block of assets that are known; `spans`: one each, in order."""
        none = np.zeros(len(which), np.int32)
        asset, columns = which.astype(np.int32), (spans.time_ns, spans.start, spans.values)
        return Block(self._meta, none, offset, none, asset, none, *columns, spans.quality)

    def spans(self, block: Block) -> Table:
        """Return a block's spans; those of assets that are known without a name."""
        if block.meta is not self._meta:
            return super().spans(block)
        spans = self._spans[block.asset]
        spans["offset"], spans["time_ns"] = block.offset, block.time_ns
        spans["first"] = block.start[:-1]
        return spans

    def close(self, lanes: Indices) -> list[BitFrame]:
        """Let frames go: nobody reads them."""
        return forget(self, lanes)
