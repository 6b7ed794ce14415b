"""Areas under precision and recall, against their definitions tried threshold by threshold."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluate.alarms import Rows, counted, openings
from models.evaluate.vus import auc_pr, ranges, vus_pr

scores_of = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
rows = st.lists(st.tuples(scores_of, st.booleans()), min_size=2, max_size=40)
some_rows = rows.filter(lambda some: any(label for _, label in some))


def split(some):
    return np.array([score for score, _ in some]), np.array([label for _, label in some])


def runs(labels):
    """Return first and last row of every run, found row by row."""
    found = []
    for i, label in enumerate(labels):
        if label and (i == 0 or not labels[i - 1]):
            found.append([i, i])
        elif label:
            found[-1][1] = i
    return found


def soft_label(labels, i, width):
    """Return the label of a row with the slopes of all ranges beside it, at most 1."""
    total = float(labels[i])
    for begin, end in runs(labels):
        away = max(begin - i, i - end)
        if 1 <= away <= width // 2:
            total += sqrt(1.0 - away / width)
    return min(total, 1.0)


def grown(labels, width):
    """Return ranges with their surroundings; those that touch are one."""
    found = []
    for begin, end in runs(labels):
        if found and found[-1][1] >= begin - width // 2:
            found[-1][1] = end + width // 2
        else:
            found.append([begin - width // 2, end + width // 2])
    return found


def area_by_definition(scores, labels, width):
    """Return the area of steps over every threshold, each tried from nothing."""
    soft = [soft_label(labels, i, width) for i in range(len(labels))]
    area = last = 0.0
    for threshold in sorted(scores.tolist(), reverse=True):
        flagged = [i for i, score in enumerate(scores) if score >= threshold]
        found = sum(soft[i] for i in flagged)
        partly = sum(soft[i] for i in flagged if not labels[i])
        wanted = (2 * labels.sum() + partly) / 2
        some = grown(labels, width)
        touched = sum(any(a <= i <= b for i in flagged) for a, b in some) / len(some)
        recall = min(found / wanted, 1.0) * touched
        area += (recall - last) * found / len(flagged)
        last = recall
    return area


@settings(max_examples=100, deadline=None)
@given(some=some_rows, buffer=st.integers(0, 12))
def test_the_volume_is_the_mean_of_areas_by_definition(some, buffer):
    scores, labels = split(some)
    areas = [area_by_definition(scores, labels, width) for width in range(buffer + 1)]
    found = vus_pr(scores, labels, buffer, thresholds=scores.size)
    assert found == pytest.approx(np.mean(areas), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(some=some_rows)
def test_average_precision_is_its_definition(some):
    scores, labels = split(some)
    area = last = 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        flagged = scores >= threshold
        recall = labels[flagged].sum() / labels.sum()
        area += (recall - last) * labels[flagged].mean()
        last = recall
    assert auc_pr(scores, labels) == pytest.approx(area, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(some=some_rows)
def test_only_the_order_of_scores_matters(some):
    scores, labels = split(some)
    for measure in (auc_pr, vus_pr):
        assert measure(np.tanh(scores), labels) == measure(scores, labels)
        assert 0.0 <= measure(scores, labels) <= 1.0 + 1e-12


def test_the_labels_themselves_are_the_perfect_score_of_a_row_by_row_measure():
    labels = np.zeros(300, bool)
    labels[40:60] = labels[200] = True
    assert auc_pr(labels.astype(float), labels) == 1.0
    assert vus_pr(labels.astype(float), labels, buffer=0) == 1.0


def test_a_score_just_beside_the_range_is_worth_something_only_with_surroundings():
    labels, near, far = np.zeros(400, bool), np.zeros(400), np.zeros(400)
    labels[200:220] = True
    near[190:200] = far[20:30] = 1.0
    assert auc_pr(near, labels) == auc_pr(far, labels)
    assert vus_pr(near, labels) > 1.5 * vus_pr(far, labels)


def test_without_a_labelled_row_there_is_no_area():
    assert isnan(auc_pr(np.ones(5), np.zeros(5, bool)))
    assert isnan(vus_pr(np.ones(5), np.zeros(5, bool)))


@given(labels=st.lists(st.booleans(), max_size=30))
def test_ranges_are_the_runs_of_labelled_rows(labels):
    assert ranges(np.array(labels, bool)).tolist() == runs(labels)


@given(some=rows, threshold=scores_of)
def test_rows_are_counted_once_each_and_nothing_is_adjusted_to_ranges(some, threshold):
    scores, labels = split(some)
    found = counted(scores, labels, threshold)
    assert sum(found) == len(some)
    assert found.hit == sum(label and score >= threshold for score, label in some)
    assert found.false == sum(not label and score >= threshold for score, label in some)
    assert found.and_(found) == Rows(*(2 * one for one in found))


def test_rates_are_shares_and_nothing_where_there_is_nothing_to_share():
    one = Rows(hit=3, missed=1, false=2, quiet=8)
    assert (one.precision, one.recall, one.false_alarm_rate) == (0.6, 0.75, 0.2)
    assert one.f1 == pytest.approx(2 * 0.6 * 0.75 / 1.35)
    assert isnan(Rows(0, 0, 0, 4).f1)
    assert isnan(Rows(0, 0, 0, 4).recall)


def test_a_lasting_alarm_opens_once_and_another_one_after_a_rest_or_where_it_is_much_worse():
    scores = np.zeros(300)
    scores[[10, 11, 12, 14, 40, 200]] = 12.0
    scores[60] = 15.0
    assert openings(scores, 9.0).tolist() == [10, 60, 200]
    assert openings(scores, 16.0).tolist() == []
