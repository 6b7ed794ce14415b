"""The service on the real Kafka, disturbed: nothing lost, invented or different."""

import pytest

from streams.bench.faults import disturb


@pytest.mark.kafka
@pytest.mark.parametrize("kind", ["kill", "pause", "anew"])
async def test_what_is_published_does_not_depend_on_disturbances(kind, tmp_path):
    report = await disturb(kind, seed=3, times=1, folder=tmp_path)

    assert report.disturbances > 0
    assert (report.lost, report.invented, report.different) == (0, 0, 0), report.line()
    assert report.sent > 10_000
    assert report.events > 0
