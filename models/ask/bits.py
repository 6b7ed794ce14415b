"""Bit frames of a window as text, of the signals that are asked for."""

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from models.bits import Frame, Reader
from models.symbols import Summary, Window, summaries, text
from schemas.ask.signals import SignalsOf
from schemas.bits import FrameError

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@%+*#~{}=,\[\]()-]+")
_EVER: Final = Window(-(2**62), 2**62)
_NOTHING: Final = ("",), (0, -1)
"""No point and no time: only the names are read."""


@dataclass(slots=True)
class Asked:
    """The frames of what was asked for."""

    asset: str = "*"
    point: str = "*"
    window: Window = _EVER
    frames: list[Frame] = field(default_factory=list)
    signals: dict[str, dict[str, str]] = field(default_factory=dict)
    """Units by asset and point."""
    unread: int = 0
    """Frames that are broken, or whose names were told before all that was read."""
    reader: Reader = field(default_factory=Reader)

    def learn(self, data: bytes) -> None:
        """Remember the names in a frame, and whose they are."""
        try:
            self.reader.learn(data)
            names = self.reader.decode(data, *_NOTHING).names
        except FrameError:
            return
        points = [one for one in names.points if fnmatchcase(one, self.point)]
        if points and fnmatchcase(names.asset, self.asset):
            units = dict(zip(names.points, names.units, strict=True))
            known = self.signals.setdefault(names.asset, {})
            known |= {one: units[one] for one in points}

    def take(self, data: bytes) -> None:
        """Read a frame, if it is of what was asked for."""
        try:
            names = self.reader.decode(data, *_NOTHING).names
            points = self.signals.get(names.asset, {}).keys() & set(names.points)
            if points:
                times = self.window.start_ns, self.window.end_ns - 1
                self.frames.append(self.reader.decode(data, points, times))
        except FrameError:
            self.unread += 1


def told(asked: Asked, tokens: int) -> tuple[str, int]:
    """Return the text of what was asked for, and how many signals it is of."""
    every = summaries(asked.frames, asked.window)
    chosen = [one for one in every if one.point in asked.signals.get(one.asset, {})]
    return text([_quoted(one) for one in chosen], asked.window, tokens), len(chosen)


def signals(asked: Asked) -> list[SignalsOf]:
    """Return the assets that were seen, by name, and their points."""
    return [SignalsOf(asset=name, points=points) for name, points in sorted(asked.signals.items())]


def plain(name: str) -> str:
    """Return a name as it stands if it is one word, else as a JSON string: it stays one name."""
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=True)


def _quoted(one: Summary) -> Summary:
    unit = plain(one.unit) if one.unit else ""
    return one._replace(asset=plain(one.asset), point=plain(one.point), unit=unit)
