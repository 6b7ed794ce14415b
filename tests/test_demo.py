"""The demo tells the truth about its plant, and names what it breaks."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from incidents import telling
from rich.console import Console

from models.simulate import other_end
from schemas.cascade import AssetKind, EdgeKind, Incident, Next, Outcome
from schemas.events import Event
from streams.cli import demo, incidents
from streams.cli import demo_story as story
from streams.cli.demo_screen import Foretold, Screen, became
from streams.house import House, read_all

TOLD = datetime(2026, 5, 29, 8, 30, tzinfo=UTC)


def test_the_story_names_the_ends_of_the_cable_that_breaks_and_the_job_that_waits():
    cable, plant = story.BREAKS[0], story.plant(1)
    asset = cable.fault.asset
    works = {
        edge.source
        for part in plant.site()
        for edge in part.edges
        if edge.kind is EdgeKind.RUNS and edge.target.startswith("node-02")
    }

    assert f"between {asset} and {other_end(plant, asset)} " in cable.says
    assert [f"{job}," in cable.says for job in works] == [True]


@pytest.mark.parametrize(
    ("reached_s", "said"),
    [
        (-1, "before it was told"),
        (5, "5 s after it was told at 08:30:00Z, sooner than foretold"),
        (15, "15 s after it was told at 08:30:00Z, as foretold"),
        (40, "40 s after it was told at 08:30:00Z, later than foretold"),
    ],
)
def test_a_prediction_is_judged_by_its_own_interval(reached_s, said):
    p10, p50, p90 = (TOLD + timedelta(seconds=s) for s in (10, 20, 30))
    coming = Next(asset="a", kind=AssetKind.GPU, probability=0.4, p10=p10, p50=p50, p90=p90, via=())
    reached = TOLD + timedelta(seconds=reached_s)
    outcome = Outcome(asset="a", probability=0.4, expected=p50, reached=reached)

    assert became(outcome, Foretold(TOLD, coming)).endswith(said)


def test_an_incident_tells_who_is_next_of_each_kind_before_two_of_one():
    kinds = {"gpu0": "gpu", "gpu1": "gpu", "rack-1": "rack", "gpu2": "gpu", "cdu-1": "cdu"}
    body = telling(0.0, "a", coming=[(name, 0.4, 20.0) for name in kinds]).body
    told = json.loads(body.model_dump_json())
    for one in told["spread"]:
        one["kind"] = kinds[one["asset"]]

    shown = [line.split()[1] for line in incidents.block(told) if line.startswith("next")]

    assert shown == ["gpu0", "rack-1", "cdu-1", "gpu1"]


@pytest.mark.kafka
async def test_the_demo_names_both_ends_of_the_cable_that_it_breaks(kafka, settings, tmp_path):
    plant, written = story.plant(1), StringIO()
    own = demo.settings_for(kafka.kafka, plant)
    raw = [
        mine.model_copy(update={"name": fresh.name})
        for mine, fresh in zip(own.raw, settings.raw, strict=True)
    ]
    own = own.model_copy(
        update={
            "raw": tuple(raw),
            "topics": settings.topics,
            **{
                name: getattr(own, name).model_copy(update={"group": getattr(settings, name).group})
                for name in ("ingest", "detect", "cascade")
            },
        }
    )
    screen = Screen(Console(file=written, width=400, highlight=False, markup=False))
    async with House(own, tmp_path / "house") as house, demo.working(house):
        await demo.tell(screen, plant, own, story.Tempo(1_000.0, story.HISTORY_S + 30))
    (opened, *_) = (await read_all(own, [own.topics.incidents]))[own.topics.incidents]
    cause = Event[Incident].model_validate_json(opened.value).data.causes[0]

    assert [*screen.seen.named] == [story.BREAKS[0]]
    assert {*cause.ends} == {"node-02/ib0", "leaf-1/p2"}
    assert " - ".join(cause.ends) in written.getvalue()
    assert "node-02/ib0 named as the cause" in written.getvalue()
    assert (
        "\nThe cause is `leaf-1/p2` and `node-02/ib0` (infiniband): bad link" in written.getvalue()
    )
