"""NAB's score, against its rules read row by row, and the command on a made-up corpus."""

import csv
import json
from math import exp, inf, isnan
from unittest import mock

import numpy as np
import pytest
from cli_calls import call, one_line
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluate import nab
from models.evaluate.nab import PROFILES

STANDARD, LOW_FP, LOW_FN = PROFILES


@st.composite
def files(draw):
    """Return categories, scores and windows of a corpus; few scores, so that many are equal."""
    corpus = []
    for _ in range(draw(st.integers(1, 4))):
        n = draw(st.integers(20, 90))
        score = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.5])
        scores = draw(st.lists(score, min_size=n, max_size=n))
        edges = sorted(draw(st.sets(st.integers(n // 5, n - 1), max_size=6)))
        windows = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b > a + 1]
        corpus.append((draw(st.sampled_from("abc")), np.array(scores), windows))
    return corpus


def s(x):
    return -1.0 if x > 3 else 2.0 / (1.0 + exp(5.0 * x)) - 1.0


def by_the_rules(scores, windows, profile, threshold):
    """Return the raw score of a file, read row by row."""
    raw, best, begin = 0.0, dict.fromkeys(windows, -profile.miss), min(int(0.15 * len(scores)), 750)
    for i in range(begin, len(scores)):
        if scores[i] < threshold:
            continue
        mine = [(a, b) for a, b in windows if a <= i <= b]
        ended = [(a, b) for a, b in windows if b < i]
        if mine:
            a, b = mine[0]
            worth = profile.hit * s(-(b - i + 1) / (b - a + 1)) / s(-1.0)
            best[mine[0]] = max(best[mine[0]], worth)
        elif ended:
            a, b = max(ended)
            raw += profile.alarm * s((i - b) / (b - a))
        else:
            raw -= profile.alarm
    return raw + sum(best.values())


def judged(corpus):
    return [nab.judged(*one) for one in corpus]


@settings(max_examples=50, deadline=None)
@given(corpus=files(), profile=st.sampled_from(PROFILES), threshold=st.floats(-1.0, 3.0))
def test_a_corpus_scores_what_the_rules_say(corpus, profile, threshold):
    found = nab.outcome(nab.joined(judged(corpus)), profile, threshold)
    raw = sum(by_the_rules(scores, w, profile, threshold) for _, scores, w in corpus)
    assert found.raw == pytest.approx(raw, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(corpus=files(), profile=st.sampled_from(PROFILES))
def test_no_threshold_earns_more_than_the_best_and_no_higher_one_as_much(corpus, profile):
    whole = nab.joined(judged(corpus))
    best = nab.best(whole, profile)
    most = nab.outcome(whole, profile, best).raw
    for threshold in [*np.unique(whole.scores), inf]:
        earned = nab.outcome(whole, profile, threshold).raw
        assert earned <= most + 1e-9
        assert threshold <= best or earned < most + 1e-9


@settings(max_examples=30, deadline=None)
@given(corpus=files(), profile=st.sampled_from(PROFILES))
def test_held_out_thresholds_never_do_better_than_each_categorys_own(corpus, profile):
    some = judged(corpus)
    found = nab.held_out(some, profile)
    categories = {one.category for one in some}
    own = [
        nab.outcome(mine, profile, nab.best(mine, profile)).raw
        for mine in (nab.joined([f for f in some if f.category == c]) for c in categories)
    ]
    if len(categories) > 1:
        assert found.outcome.raw <= sum(own) + 1e-9
        assert found.outcome.windows == sum(one.windows for one in some)
    else:
        assert isnan(found.score)


@settings(max_examples=30, deadline=None)
@given(corpus=files(), profile=st.sampled_from(PROFILES), steepness=st.floats(0.1, 9.0))
def test_only_the_order_of_scores_matters(corpus, profile, steepness):
    some = judged(corpus)
    bent = [one._replace(scores=np.tanh(one.scores * steepness)) for one in some]
    assert nab.visible(bent, profile).outcome == nab.visible(some, profile).outcome


def test_nothing_flagged_is_0_and_the_first_row_of_every_window_alone_is_100():
    windows = [(40, 60), (80, 95)]
    perfect = np.zeros(100)
    perfect[[40, 80]] = 1.0
    for profile in PROFILES:
        one = nab.judged("a", perfect, windows)
        assert nab.outcome(one, profile, 2.0).normalised(profile) == 0.0
        assert nab.outcome(one, profile, 1.0).normalised(profile) == pytest.approx(100.0)


def test_rows_of_the_probation_never_count():
    scores = np.zeros(100)
    scores[:15] = 9.0
    assert nab.outcome(nab.judged("a", scores, [(40, 60)]), STANDARD, 9.0).raw == -1.0
    assert nab.judged("a", np.zeros(10_000), []).scores.size == 10_000 - 750


def test_windows_whose_edges_are_no_rows_are_an_error():
    assert nab.rows(np.array([5, 7, 7, 9]), [(7, 9)]) == [(1, 3)]
    with pytest.raises(ValueError, match="1 windows"):
        nab.rows(np.array([5, 7]), [(5, 8)])


def corpus_in(folder, rows=400):
    """Write a corpus of two categories with a spike in a window each."""
    windows = {}
    for name in ("realThings/a.csv", "artificialNone/b_c.csv", "realThings/quiet.csv"):
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(len(name)).normal(50.0, 1.0, rows).round(3)
        spike = "quiet" not in name
        values[300] += 40.0 * spike
        with path.open("w", newline="") as opened:
            lines = csv.writer(opened)
            lines.writerow(("timestamp", "value"))
            lines.writerows((stamp(i), value) for i, value in enumerate(values))
        edges = [f"{stamp(290)}.000000", f"{stamp(330)}.000000"]
        windows[name] = [edges] * spike
    (folder / "labels").mkdir()
    (folder / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    return folder


def stamp(i):
    return f"2014-04-{1 + i // 288:02} {i // 12 % 24:02}:{i % 12 * 5:02}:00"


def test_the_command_finds_the_spikes_and_names_its_figure_last(tmp_path):
    done = call(
        "eval", "nab", str(corpus_in(tmp_path)), "--detector", "clock", "--detector", "ours"
    )

    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("3 files of 2 categories, 2 windows")
    assert [line.split()[0] for line in lines[1:4]] == ["detector", "ours", "clock"]
    score = float(lines[-1].removeprefix("nab: ours ").split(",")[0])
    assert 85.0 < score <= 100.0


def test_a_score_below_the_wanted_one_ends_with_1_and_json_has_the_figures(tmp_path):
    folder = str(corpus_in(tmp_path))
    done = call("eval", "nab", folder, "--detector", "ours", "--json", "--fail-under", "100.1")

    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["headline"] == told["detectors"]["ours"]["standard"]["score"]
    assert call("eval", "nab", folder, "--detector", "ours", "--fail-under", "50").exit_code == 0


def test_result_files_give_another_scorer_the_same_outcome(tmp_path):
    folder, out = corpus_in(tmp_path / "nab"), tmp_path / "out"
    done = call("eval", "nab", str(folder), "--detector", "ours", "--json", "--out", str(out))
    told = json.loads(done.stdout)["detectors"]["ours"]["standard"]

    judged = []
    for path in sorted(out.glob("ours/*/ours_*.csv")):
        with path.open() as opened:
            rows = list(csv.DictReader(opened))
        assert list(rows[0]) == ["timestamp", "value", "anomaly_score", "label"]
        assert [row["timestamp"] for row in rows] == [stamp(i) for i in range(400)]
        inside = [i for i, row in enumerate(rows) if row["label"] == "1"]
        scores = np.array([float(row["anomaly_score"]) for row in rows])
        assert ((scores >= 0.0) & (scores < 1.0)).all()
        windows = [(inside[0], inside[-1])] if inside else []
        judged.append(nab.judged(path.parent.name, scores, windows))
    assert len(judged) == 3
    assert nab.visible(judged, STANDARD).score == pytest.approx(told["score"])


def test_a_folder_without_windows_or_an_unknown_detector_is_told_in_one_line(tmp_path):
    done = call("eval", "nab", str(tmp_path))
    assert done.exit_code == 2
    assert "combined_windows.json" in one_line(done.stderr)

    done = call("eval", "nab", str(corpus_in(tmp_path)), "--detector", "oracle")
    assert done.exit_code == 2
    assert "river-hst" in one_line(done.stderr)


def test_without_river_the_command_says_what_to_install(tmp_path):
    with mock.patch("streams.evaluate.report.find_spec", return_value=None):
        done = call("eval", "nab", str(corpus_in(tmp_path)))
        assert done.exit_code == 2
        assert "alltobit[bench]" in one_line(done.stderr)
        assert call("eval", "nab", str(tmp_path), "--detector", "ours").exit_code == 0
