"""Partitions that move while detection is at work on them."""

from types import SimpleNamespace

import faust
import pytest

from schemas.settings import Settings
from streams.anomaly import Detect, Source
from streams.connection import faust_options
from streams.topics import create


def moving(detect_of: list[Detect], moves: bool) -> SimpleNamespace:
    """Make a broker that takes a partition away while it is asked about it."""

    async def offsets(number: int) -> tuple[int, int]:
        if moves:
            detect_of[0].forget({number})
        return 7, -1

    return SimpleNamespace(offsets=offsets)


async def nothing(_number: int) -> dict[bytes, bytes]:
    return {}


@pytest.mark.parametrize("moves", [False, True])
async def test_a_partition_that_moves_while_it_is_taken_up_is_neither_kept_nor_acknowledged(moves):
    acked, detect_of = [], []
    detect = Detect(Settings(), None, SimpleNamespace(read=nothing), 1, moving(detect_of, moves))
    detect_of.append(detect)
    message = SimpleNamespace(partition=0, offset=6, value=b"")

    await detect.take(SimpleNamespace(message=message, ack=lambda: acked.append(6)))

    assert (0 in detect.parts) == (not moves)
    assert acked == ([] if moves else [6])


@pytest.mark.kafka
async def test_to_seek_a_partition_that_went_elsewhere_is_no_error(settings):
    await create(settings)
    app = faust.App(
        settings.detect.group,
        **faust_options(settings.kafka),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
    )

    @app.agent(app.topic(settings.topics.readings))
    async def agent(stream: faust.Stream) -> None:
        async for _ in stream:
            pass

    await app.start()
    try:
        await Source(app, settings).seek(99, 5)
    finally:
        await app.stop()
