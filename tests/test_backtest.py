"""Rules on recorded data: what is told of them before they are trusted."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from cli_calls import call, one_line

from models.names import Config
from models.simulate.frame import Frame
from models.telemetry import Gatherer, Piece
from models.trigger.trial.labels import Fit, Stretch, fit, judged, verdicts
from models.trigger.trial.tried import Firing, Trial, Tried
from schemas import readings
from schemas.settings import Settings
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Decision, Rule, Verdict
from streams.cli import backtest_data
from streams.cli.backtest_data import Span, Window, moment, on_frames, on_readings
from streams.cli.record import Record
from streams.cli.running import run_async
from streams.errors import ConfigError

START = 1_700_000_000
SECOND = 1_000_000_000
POINTS = ("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_THERMAL_VIOLATION")
RULES = """
rules:
  - {name: hot, if: DCGM_FI_DEV_GPU_TEMP > 85, for: 1m, summary: "{asset} is at {value}"}
  - {name: warm, point: DCGM_FI_DEV_GPU_TEMP, above: 20}
  - {name: gone, if: Voltage > 5}
  - {name: odd, each: anomaly, if: event.score > 1.0}
"""


def temperature(gpu, minute):
    wobble = (minute * 7 + gpu) % 5 / 10
    return 90.0 if gpu == 3 and 60 <= minute < 90 else 60.0 + gpu + wobble


def recorded():
    """Return three hours of six GPUs, a row a minute; gpu-3 is hot a while, and slow at last."""
    for minute in range(180):
        for gpu in range(6):
            value = temperature(gpu, minute)
            at = (START + 60 * minute) * SECOND
            slow = 5e7 * max(minute - 120, 0) * (gpu == 3)
            yield Frame(f"gpu-{gpu}", at, POINTS, [value, slow])


@pytest.fixture
def files(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    lines = [
        json.dumps(
            {
                "time": f.time_ns,
                "asset": f.asset,
                "values": dict(zip(f.points, f.values, strict=True)),
            }
        )
        for f in recorded()
    ]
    (tmp_path / "seen.jsonl").write_text("\n".join(lines))
    return tmp_path


def backtest(files, *more):
    return call("backtest", str(files / "rules.yaml"), str(files / "seen.jsonl"), *more)


def in_json(files, *more):
    told = json.loads(backtest(files, "--json", *more).stdout)
    return {one["rule"]: one for one in told["rules"]}


def test_each_rule_says_when_it_would_have_fired_on_what_and_how_long(files):
    hot = in_json(files)["hot"]
    (firing,) = hot["firings"]

    assert firing["fired"] == datetime.fromtimestamp(START + 61 * 60, UTC).isoformat()
    assert (firing["asset"], firing["lasted_s"]) == ("gpu-3", 29 * 60)
    assert firing["quality"] == 1.0
    assert firing["summary"] == "gpu-3 is at 90 Cel"
    assert (hot["asked"], hot["fired_on"], hot["warnings"]) == (6, 1, [])


def test_a_rule_that_fires_on_most_assets_is_told_to_be_a_fact(files):
    told = in_json(files)

    assert told["warm"]["share"] == 1.0
    assert told["warm"]["warnings"][0] == (
        "fires on 100% of all assets: this is no rule but a fact (in service 100 at once are told "
        "one by one, the others as one alert with their number)"
    )
    assert told["gone"]["warnings"] == ["was asked of nothing: no reading is of what it names"]


def test_a_rule_on_anomalies_is_tried_on_those_that_the_data_give(files):
    odd = in_json(files)["odd"]

    assert {one["asset"] for one in odd["firings"]} <= {f"gpu-{i}" for i in range(6)}
    assert any(one["asset"] == "gpu-3" for one in odd["firings"])
    assert odd["asked"] == 6


def test_the_headline_comes_last_and_findings_exit_1(files):
    done = backtest(files)

    assert done.exit_code == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("4 rules on 6 assets over 2.98 h: ")
    assert last.endswith("2 to look at")
    assert "  2023-11-14T23:14:20Z hot/gpu-3 fired 29 min, quality 1.00" in done.stdout


def test_more_a_day_than_is_wanted_is_told(files):
    assert in_json(files, "--most-a-day", "2")["hot"]["warnings"][0].startswith("fires 8.")


def test_only_what_is_in_the_window_counts(files):
    since = datetime.fromtimestamp(START + 100 * 60, UTC).isoformat()

    assert in_json(files, "--from", since)["hot"]["firings"] == []
    assert len(in_json(files, "--to", since)["hot"]["firings"]) == 1


def test_labels_give_precision_recall_and_lead(files):
    labels = files / "labels.csv"
    rows = [(70, 95, "gpu-3"), (120, 130, "gpu-1"), (9000, 9001, "gpu-1")]
    labels.write_text(
        "asset,from,to\n" + "".join(f"{a},{START + 60 * f},{START + 60 * t}\n" for f, t, a in rows)
    )
    told = in_json(files, "--labels", str(labels))["hot"]["labels"]

    assert (told["precision"], told["recall"], told["lead_s"]) == (1.0, 0.5, 9 * 60)
    assert "labels: precision 1.00 (1 of 1), recall 0.50 (1 of 2), 9 min ahead" in (
        backtest(files, "--labels", str(labels)).stdout
    )


def test_what_people_said_of_alerts_gives_their_precision(files):
    event = in_json(files)["hot"]["firings"][0]["id"]
    said = Decision(about=event, verdict=Verdict.FALSE_ALARM, who="ann", time=datetime.now(UTC))
    (files / "said.jsonl").write_text(said.model_dump_json() + "\n")
    told = in_json(files, "--labels", str(files / "said.jsonl"))

    assert told["hot"]["said"] == {"right": 0, "of": 1}
    assert told["warm"]["said"] is None


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("l.csv", "asset,from\n", "has no column to"),
        ("l.csv", "asset,from,to\na,2,1\n", "line 2 is no stretch of time"),
        ("l.jsonl", "{}\n", "line 1"),
    ],
)
def test_labels_that_cannot_be_read_are_one_line(files, name, text, told):
    (files / name).write_text(text)
    done = backtest(files, "--labels", str(files / name))

    assert done.exit_code == 2
    assert told in one_line(done.stderr)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("values: []\n", "has none"),
        ("rules: [{name: r, each: anomaly, if: event.}]\n", "does not fit here"),
    ],
)
def test_rules_that_cannot_be_run_are_one_line(files, rules, told):
    (files / "rules.yaml").write_text(rules)
    done = backtest(files)

    assert done.exit_code == 2
    assert told in one_line(done.stderr)


def test_a_time_is_so_long_ago_or_itself():
    now = (START + 7200) * SECOND

    assert moment("2h", now, "--from") == START * SECOND
    assert moment("2023-11-14T22:13:20Z", now, "--from") == START * SECOND
    with pytest.raises(ConfigError, match="neither a duration nor a time"):
        moment("soon", now, "--from")


def config():
    return Config(rules=(Rule.model_validate({"name": "hot", "if": "DCGM_FI_DEV_GPU_TEMP > 85"}),))


async def readings_of(*_):
    """Yield the recorded frames as the topic `readings` of two partitions has them."""
    gatherer = Gatherer(lambda asset: int(asset[-1]) % 2)
    every = list(recorded())
    for i in range(0, len(every), 120):
        builder = SpansBuilder()
        for k, one in enumerate(every[i : i + 120]):
            builder.add(k, one.asset, one.points, one.time_ns, one.values)
        offsets = np.arange(i, i + 120)
        gatherer.add(Piece(Source("raw", 0, "e"), offsets, builder.build()))
        for partition, blocks in gatherer.flush().items():
            for block in blocks:
                yield Record("readings", partition, i, 0, None, readings.encode(block), {})
    yield Record("readings", 0, 10_000, 0, None, b"no block", {})


def test_the_topic_of_readings_gives_what_the_files_give(monkeypatch, capsys):
    monkeypatch.setattr(backtest_data, "since", readings_of)
    live, filed = Trial(config()), Trial(config())
    span = run_async(on_readings(live, config(), Settings(), Window()))

    assert on_frames(filed, config(), recorded(), Window()) == span
    assert live.of["hot"].firings == filed.of["hot"].firings
    assert (live.of["hot"].asked, live.assets) == (filed.of["hot"].asked, filed.assets)
    assert "readings/0@10000 left out" in capsys.readouterr().err


def test_nothing_recorded_is_no_time():
    assert on_frames(Trial(config()), config(), [], Window()).days == 0
    assert not Span().meets(0, 1)


def tried(*times, asset="a", each="asset"):
    rule = Rule.model_validate({"name": "r", "if": "x > 1", "each": each})
    firings = [
        Firing(str(i), asset, f"r/{asset}", at * SECOND, to and to * SECOND, 1.0, "")
        for i, (at, to) in enumerate(times)
    ]
    return Tried(rule, firings)


def against(tried_, *stretches, ahead=0):
    every = [Stretch(a, f * SECOND, t * SECOND, r) for a, f, t, r in stretches]
    return fit(tried_, every, ahead * SECOND, lambda asset: f"cell-of-{asset}")


@pytest.mark.parametrize(
    ("firings", "stretch", "ahead", "expected"),
    [
        ([(5, 6)], ("a", 10, 20, ""), 0, (0, 0, None)),
        ([(5, 6)], ("a", 10, 20, ""), 5, (1, 1, 5)),
        ([(5, None)], ("a", 10, 20, ""), 0, (1, 1, 5)),
        ([(12, 13), (15, 16), (30, 31)], ("a", 10, 20, ""), 0, (2, 1, -2)),
        ([(12, 13)], ("b*", 10, 20, ""), 0, (0, 0, None)),
        ([(12, 13)], ("?", 10, 20, "r"), 0, (1, 1, -2)),
    ],
)
def test_a_firing_fits_a_label_it_overlaps_or_comes_shortly_before(
    firings, stretch, ahead, expected
):
    found = against(tried(*firings), stretch, ahead=ahead)

    assert (found.right, found.found, found.lead_s) == expected


def test_a_label_of_another_rule_is_not_held_against_it():
    assert against(tried((1, 2)), ("a", 1, 2, "other")) == Fit(0, 1, 0, 0, None)
    assert Fit(0, 0, 0, 0, None).precision is None


def test_a_label_of_an_asset_is_one_of_its_cell():
    assert against(tried((1, 2), asset="cell-of-a", each="cell"), ("a", 1, 2, "")).found == 1


def test_the_last_word_on_an_alert_counts_and_other_words_are_no_labels():
    def said(verdict, second):
        return Decision(
            about="0", verdict=verdict, who="a", time=datetime.fromtimestamp(second, UTC)
        )

    words = [said(Verdict.TRUE, 2), said(Verdict.FALSE_ALARM, 1), said(Verdict.APPROVE, 3)]

    assert verdicts(words) == {"0": Verdict.TRUE}
    assert judged(tried((1, 2), (3, 4)).firings, verdicts(words)) == (1, 1)
