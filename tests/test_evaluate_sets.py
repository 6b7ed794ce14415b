"""Every set is read as its authors publish it, and every command says what it found."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from cli_calls import call, one_line

from streams.evaluate import asd, ms, skab, smd, tep

MINUTE = 60_000_000_000
ROWS, FAULT = 300, slice(200, 220)
RUN = 320  # rows of a process


def noise(rows=ROWS, signals=3, seed=0, fault=None):
    values = np.random.default_rng(seed).normal(50.0, 1.0, (rows, signals)).round(3)
    if fault is not None:
        values[fault, 0] += 30.0
    return values


def labels(rows=ROWS):
    marks = np.zeros(rows, np.int8)
    marks[FAULT] = 1
    return marks


def servers(folder):
    """Write the layout of ASD."""
    folder.mkdir(parents=True)
    arrays = {}
    for i in (1, 2):
        arrays[f"omi-{i}_train"] = noise(seed=i).astype(np.float32)
        arrays[f"omi-{i}_test"] = noise(seed=10 + i, fault=FAULT).astype(np.float32)
        arrays[f"omi-{i}_label"] = labels()
    np.savez(folder / "some.npz", **arrays)
    return folder


def machines(folder):
    """Write the layout of SMD."""
    for part, values in (("train", noise(seed=1)), ("test", noise(seed=2, fault=FAULT))):
        (folder / part).mkdir(parents=True)
        np.savetxt(folder / part / "machine-1-1.txt", values, "%.6f", ",")
    (folder / "test_label").mkdir()
    np.savetxt(folder / "test_label" / "machine-1-1.txt", labels(), "%d")
    (folder / "interpretation_label").mkdir()
    (folder / "interpretation_label" / "machine-1-1.txt").write_text("200-219:1,2\n")
    return folder


def services(folder, last=None, rows=ROWS):
    """Write the layout of Microsoft's telemetry."""
    (folder / "latency").mkdir(parents=True)
    both = (("one", noise(rows, fault=FAULT)[:, 0]), ("two", noise(rows, seed=5)[:, 0]))
    for name, values in both:
        with (folder / "latency" / f"{name}.csv").open("w", newline="") as opened:
            lines = csv.writer(opened, quoting=csv.QUOTE_ALL)
            lines.writerow(("TimeStamp", "Value", "Label"))
            for i, value in enumerate(values):
                when = datetime(2018, 6, 17, tzinfo=UTC) + timedelta(hours=i)
                time = last if last and i == rows - 1 else f"{when:%Y-%m-%dT%H:%M:%SZ}"
                lines.writerow((time, value, labels(rows)[i] * (name == "one")))
        (folder / "latency" / f"{name}.csv-metadata.json").write_text("{}")
    return folder


def valves(folder):
    """Write the layout of SKAB."""
    names = ["datetime", "Accelerometer1RMS", "Current", "Volume Flow RateRMS"]
    for path, marked in (("valve1/0.csv", True), ("anomaly-free/anomaly-free.csv", False)):
        (folder / path).parent.mkdir(parents=True)
        with (folder / path).open("w", newline="") as opened:
            lines = csv.writer(opened, delimiter=";")
            lines.writerow(names + ["anomaly", "changepoint"] * marked)
            for i, values in enumerate(noise(fault=FAULT)):
                answer = [f"{labels()[i]:.1f}", "1.0" if i == 200 else "0.0"] * marked
                time = f"2020-03-09 10:{i // 60:02}:{i % 60:02}"
                lines.writerow([time, *values.tolist(), *answer])
    return folder


def process(folder):
    """Write the layout of TEP: d00 with a signal a row; the fault from row 160."""
    folder.mkdir()
    np.savetxt(folder / "d00.dat", noise(500, 52, 1).T)
    for name, fault in (("d00_te", None), ("d01_te", slice(165, None)), ("d03_te", slice(0, 0))):
        with gzip.open(folder / f"{name}.dat.gz", "wt") as opened:
            np.savetxt(opened, noise(RUN, 52, 2, fault))
    return folder


def plant(folder):
    """Write a folder of sets, and a table that belongs to none."""
    for name, make in (("a", servers), ("m", machines), ("s", services), ("v", valves)):
        make(folder / name)
    process(folder / "t")
    (folder / "own").mkdir()
    table = [f"{i},{value}" for i, value in enumerate(noise(seed=9)[:, 0])]
    (folder / "own" / "pump.csv").write_text("time,value\n" + "\n".join(table))
    return folder


SETS = {
    "asd": (servers, asd.read, 2, 5 * MINUTE),
    "smd": (machines, smd.read, 1, MINUTE),
    "ms": (services, ms.read, 2, 60 * MINUTE),
    "skab": (valves, skab.read, 1, MINUTE // 60),
}
every_set = pytest.mark.parametrize("name", SETS)


@every_set
def test_a_set_is_read_as_its_authors_publish_it(name, tmp_path):
    make, read, recordings, step_ns = SETS[name]
    parts = read(make(tmp_path / "set"))

    assert len(parts) == recordings
    first = parts[0].recording
    assert first.values.shape == (ROWS, 1 if name == "ms" else 3)
    assert np.median(np.diff(first.times_ns)) == step_ns
    assert np.flatnonzero(first.labels).tolist() == list(range(200, 220))
    assert first.values[FAULT, 0].min() > 70.0
    assert first.values[:200].max() < 60.0


@every_set
def test_the_figures_of_all_detectors_stand_over_the_headline(name, tmp_path):
    folder = SETS[name][0](tmp_path / "set")
    done = call("eval", name, str(folder))

    assert done.exit_code == 0
    first, head, *table, last = done.stdout.splitlines()
    assert f"{SETS[name][2]} recordings" in first
    assert "cold start" in first
    assert head.split()[:3] == ["detector", "VUS-PR", "AUC-PR"]
    reached = {line.split()[0]: float(line.split()[1]) for line in table}
    ours, floors = ["ours", "ours-told", "ours-asset"], ["random", "clock", "zscore"]
    assert list(reached) == [*ours, *floors, "river-sad", "river-hst"]
    assert last == f"{name}: ours VUS-PR {reached['ours']:.3f}"
    assert reached["ours"] > 1.2 * reached["random"]


@pytest.mark.parametrize("name", ["asd", "smd"])
def test_a_training_part_is_seen_before_only_where_that_is_asked_for(name, tmp_path):
    folder = str(SETS[name][0](tmp_path / "set"))
    cold = call("eval", name, folder, "--detector", "ours", "--json")
    trained = call("eval", name, folder, "--detector", "ours", "--json", "--trained")

    assert json.loads(cold.stdout)["trained"] is False
    assert json.loads(trained.stdout)["trained"] is True
    assert cold.stdout != trained.stdout


def test_a_set_without_training_parts_says_so(tmp_path):
    done = call("eval", "ms", str(services(tmp_path / "set")), "--trained")

    assert done.exit_code == 2
    assert "no training part" in one_line(done.stderr)


def test_f1_is_told_with_its_false_alarm_rate_in_json_too(tmp_path):
    done = call("eval", "skab", str(valves(tmp_path / "set")), "--json", "--detector", "zscore")

    at = json.loads(done.stdout)["detectors"]["zscore"]["at_threshold"]
    assert set(at) == {"f1", "precision", "recall", "false_alarm_rate"}


def test_the_score_of_every_row_is_written(tmp_path):
    out = tmp_path / "out"
    folder = services(tmp_path / "set")
    done = call("eval", "ms", str(folder), "--detector", "ours", "--out", str(out))

    assert done.exit_code == 0
    with (out / "ours" / "latency" / "one.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == ROWS
    assert [int(row["label"]) for row in rows] == labels().tolist()
    assert max(range(ROWS), key=lambda i: float(rows[i]["anomaly_score"])) in range(200, 220)
    assert rows[1]["timestamp"] == "2018-06-17T01:00:00.000Z"


def test_a_row_that_cannot_be_read_is_told_and_left_out(tmp_path):
    folder = services(tmp_path / "set", last="yesterday")
    done = call("eval", "ms", str(folder), "--detector", "ours")

    assert done.exit_code == 0
    assert done.stderr.count("yesterday") == 2
    assert f"{2 * ROWS - 2} rows" in done.stdout


@every_set
def test_a_folder_of_something_else_is_told_in_one_line(name, tmp_path):
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    (tmp_path / "two.txt").write_text("1 2\n")
    np.savez(tmp_path / "three.npz", a=np.zeros(3))
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = call("eval", name, str(folder))
        assert done.exit_code == 2
        assert str(folder) in one_line(done.stderr)


def test_labels_that_do_not_fit_their_rows_are_told_in_one_line(tmp_path):
    folder = machines(tmp_path / "set")
    np.savetxt(folder / "test_label" / "machine-1-1.txt", labels(10), "%d")
    done = call("eval", "smd", str(folder))

    assert done.exit_code == 2
    assert "10 labels" in one_line(done.stderr)


def test_the_process_is_read_with_its_fault_from_row_160_and_d00_before(tmp_path):
    parts = tep.read(process(tmp_path / "set"))

    assert [part.recording.name for part in parts] == ["d00_te", "d01_te", "d03_te"]
    for part in parts:
        assert part.recording.values.shape == (RUN, 52)
        assert part.before.values.shape == (500, 52)
        assert part.recording.times_ns[0] == 500 * 3 * MINUTE
    assert not parts[0].recording.labels.any()
    assert np.flatnonzero(parts[1].recording.labels).tolist() == list(range(160, RUN))


def test_the_delay_counts_from_the_fault_and_only_what_was_found(tmp_path):
    folder = str(process(tmp_path / "set"))
    done = call("eval", "tep", folder, "--detector", "ours", "--detector", "river-hst")
    told = json.loads(call("eval", "tep", folder, "--detector", "ours", "--json").stdout)

    assert told["detectors"]["ours"]["delays_min"] == {"d01_te": 15.0, "d03_te": None}
    lines = done.stdout.splitlines()
    assert lines[2].split()[:3] == ["ours", "1/2", "15"]
    assert lines[3].split()[:3] == ["river-hst", "-", "-"]
    assert lines[-1].startswith("tep: ours 1 of 2 faults, 0 % false alarms")


def test_the_process_without_d00_is_scored_from_a_cold_start_only(tmp_path):
    folder = process(tmp_path / "set")
    (folder / "d00.dat").unlink()

    assert "--cold" in one_line(call("eval", "tep", str(folder), "--detector", "ours").stderr)
    done = call("eval", "tep", str(folder), "--detector", "ours", "--cold")
    assert "cold start" in done.stdout.splitlines()[0]


def test_false_alarms_are_told_a_set_and_a_day_over_so_many_signals(tmp_path):
    folder = plant(tmp_path / "sets")
    done = call("eval", "quiet", str(folder), "--json", "--out", str(tmp_path / "out"))

    assert done.exit_code == 0
    told = json.loads(done.stdout)["detectors"]
    sets = {"asd", "smd", "ms", "own", "tep", "skab"}
    assert set(told["ours"]) == {*sets, "healthy", "known", "unlabelled"}
    assert told["zscore"]["known"]["alarms"] <= told["zscore"]["healthy"]["alarms"]
    assert told["zscore"]["known"]["signal_days"] < told["zscore"]["healthy"]["signal_days"]
    for one in (one for one in told["zscore"].values() if one["signal_days"]):
        assert one["a_day"] == pytest.approx(500 * one["alarms"] / one["signal_days"])
    own, tep_ = told["ours"]["own"], told["ours"]["tep"]
    assert own["signal_days"] == pytest.approx(ROWS / 86_400)
    assert tep_["signal_days"] == pytest.approx(52 * (500 + RUN + 2 * 160) * 3 / 1440)
    with (tmp_path / "out" / "zscore" / "alarms.csv").open() as opened:
        alarms = [row["healthy"] for row in csv.DictReader(opened)]
    assert alarms.count("1") == told["zscore"]["healthy"]["alarms"]
    assert alarms.count("0") == told["zscore"]["unlabelled"]["alarms"]


def test_labelled_anomalies_are_no_false_alarms_and_healthy_spikes_are(tmp_path):
    folder = services(tmp_path / "set", rows=500)
    seen = [call("eval", "quiet", str(folder), "--detector", "ours", "--json")]
    path = folder / "latency" / "two.csv"
    lines = path.read_text().splitlines()
    lines[450] = lines[450].replace('Z","', 'Z","9')
    path.write_text("\n".join(lines))
    seen.append(call("eval", "quiet", str(folder), "--detector", "ours", "--json"))

    before, after = (json.loads(one.stdout)["detectors"]["ours"]["ms"]["alarms"] for one in seen)
    assert (before, after) == (0, 1)
    assert call("eval", "quiet", str(folder), "--fail-over", "1").exit_code == 1
    assert (
        call("eval", "quiet", str(folder), "--detector", "clock", "--fail-over", "1").exit_code == 0
    )


def test_one_set_by_itself_is_recognised(tmp_path):
    for name, (make, *_) in SETS.items():
        done = call("eval", "quiet", str(make(tmp_path / name)), "--detector", "clock")
        assert done.stdout.splitlines()[1].split()[:2] == ["detector", name]


def test_a_folder_without_recordings_is_told_in_one_line(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = call("eval", "quiet", str(folder))
        assert done.exit_code == 2
        assert "recordings" in one_line(done.stderr)
