"""The open episodes of signals: a level's, a stuck signal's, a last event's; one at a time.

Row 0 of the table heads the list of free rows, see `models.rows.EPISODE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import happened as tell
from models import quality
from models.anomaly import episode
from models.compiled import compiled
from models.repair import last_event as codes

if TYPE_CHECKING:
    from models.rows import Signal, Span, Table


@compiled
def take(signal: Signal, episodes: Table, n_episodes: int) -> int:
    """Give a signal a row for its episode; return how many rows are in use."""
    signal.episode = episodes[0].source
    if signal.episode == 0:
        signal.episode = n_episodes
        return n_episodes + 1
    episodes[0].source = episodes[signal.episode].source
    episodes[signal.episode].length = 0
    return n_episodes


@compiled
def drop(signal: Signal, episodes: Table) -> None:
    """Give the row of a signal's episode back."""
    episodes[signal.episode].length = 0
    episodes[signal.episode].source = episodes[0].source
    episodes[0].source = signal.episode
    signal.episode = 0


@compiled
def begin_at(row: episode.Row, span: Span) -> None:
    """Let an episode begin at this sample."""
    row.since_ns = span.time_ns
    row.offset = span.offset
    row.source = span.source


@compiled
def last_event(  # noqa: PLR0913, PLR0917 - one sample and the tables
    signal: Signal,
    code: float,
    span: Span,
    row: int,
    episodes: Table,
    n_episodes: int,
    happened: Table,
    n: int,
) -> tuple[int, int]:
    """Open and close the events of a last-event gauge; return how many happened, rows in use."""
    before = signal.quality.value
    step = codes.step(signal.quality.run == 0, before, code)
    if step == codes.NOTHING:
        return n, n_episodes
    if signal.episode > 0:
        event = tell.sample(happened, n, tell.EVENT_WENT, row, span, signal, code)
        tell.began(event, episodes[signal.episode])
        event.centre = before
        n += 1
        drop(signal, episodes)
    if step == codes.CAME:
        n_episodes = take(signal, episodes, n_episodes)
        began = episodes[signal.episode]
        begin_at(began, span)
        began.length = tell.EVENT_EPISODE
        began.peak = code
        event = tell.sample(happened, n, tell.EVENT_CAME, row, span, signal, code)
        event.centre = before
        n += 1
    return n, n_episodes


@compiled
def stuck(  # noqa: PLR0913, PLR0917 - one sample and the tables
    signal: Signal,
    value: float,
    flaws: int,
    span: Span,
    row: int,
    episodes: Table,
    n_episodes: int,
    happened: Table,
    n: int,
) -> tuple[int, int]:
    """Open an anomaly where a signal has been stuck for long; close it where it moves again."""
    if signal.episode > 0:
        if flaws & quality.STUCK or episodes[signal.episode].length != tell.STUCK_EPISODE:
            return n, n_episodes
        event = tell.sample(happened, n, tell.MOVED, row, span, signal, value)
        tell.began(event, episodes[signal.episode])
        event.centre = signal.quality.run
        drop(signal, episodes)
        return n + 1, n_episodes
    if signal.quality.run < quality.longest(signal.quality):
        return n, n_episodes
    n_episodes = take(signal, episodes, n_episodes)
    began = episodes[signal.episode]
    begin_at(began, span)
    began.length = tell.STUCK_EPISODE
    event = tell.sample(happened, n, tell.STUCK, row, span, signal, value)
    event.centre = signal.quality.run
    return n + 1, n_episodes
