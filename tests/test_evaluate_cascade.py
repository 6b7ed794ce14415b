"""What an incident is judged by: the fault it is about, and what that fault really moved."""

import json
from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from cli_calls import call
from hypothesis import given
from hypothesis import strategies as st
from incidents import case, record, telling

from models.cascade.fates import Fates
from models.evaluate.cascade.burst import START_NS
from models.evaluate.cascade.figures import figures
from models.evaluate.cascade.plan import Timing, drains, faults, groups, lasts, side_by_side
from models.evaluate.cascade.record import Sign
from models.evaluate.cascade.rules import earliest, highest, upstream
from models.evaluate.cascade.spread import brier, foretold, named
from models.evaluate.cascade.stale import stale
from models.evaluate.cascade.verdict import judged
from models.evaluate.told import Told
from models.simulate import FAULTS, Fault, Plant
from models.site import build
from models.wilson import share_of
from schemas.anomaly import AnomalyKind
from schemas.cascade import Asset, AssetKind, Edge, EdgeKind, Inventory, Stage
from streams.errors import ConfigError
from streams.evaluate.cascade import known
from streams.evaluate.cascade_seeds import each, seeds_of
from streams.evaluate.watched import apart, watched

ASSETS = ["gpu0", "gpu1", "gpu2", "node"]


def verdict(one, *tellings):
    return judged(one, record(one, tellings=tellings).episodes())


def site():
    """Return what feeds two nodes, and a switch that both are linked to."""
    kinds = {"ups": "ups", "pdu": "pdu", "n1": "node", "n2": "node", "sw": "switch"}
    edges = [("feeds", "ups", "pdu"), ("feeds", "pdu", "n1"), ("feeds", "pdu", "n2")]
    edges += [("links", "n1", "sw"), ("links", "sw", "n2")]
    told = Inventory(
        site="s",
        assets=tuple(Asset(name=name, kind=AssetKind(kind)) for name, kind in kinds.items()),
        edges=tuple(Edge(kind=EdgeKind(k), source=s, target=t) for k, s, t in edges),
    )
    return build([told])[0]


@given(
    tellings=st.lists(
        st.tuples(st.floats(0, 300), st.lists(st.sampled_from(ASSETS), min_size=1, max_size=4))
    )
)
def test_what_is_first_is_among_the_first_three_and_what_is_localised_is_first(tellings):
    some = [telling(at_s, *causes) for at_s, causes in sorted(tellings)]
    found = verdict(case(moved=dict.fromkeys(ASSETS, 100.0)), *some)

    assert found.top3 or not found.top1
    assert isnan(found.localised_s) or found.top1


def test_an_incident_from_before_the_fault_is_not_about_it():
    before, after = telling(90, "gpu1"), telling(110, "gpu0")

    assert verdict(case(), before).word == "none"
    assert verdict(case(), before, after).word == "older"
    assert verdict(case(), after).word == "first"


def test_an_incident_that_came_back_in_the_fault_is_about_it():
    before = telling(20, "gpu0"), telling(60, "gpu0", stage=Stage.RESOLVED)

    assert verdict(case(), *before, telling(110, "gpu0", since_s=20)).word == "first"


def test_a_small_incident_with_the_right_cause_does_not_help_beside_a_larger_wrong_one():
    one = case(moved={"gpu0": 100.0, "gpu1": 101.0, "gpu2": 101.0})
    small = telling(110, "gpu0", name="small", folded=1)
    large = telling(112, "gpu1", name="large", folded=5, followers=("gpu2",))

    assert verdict(one, small, large).word == "wrong"


def test_an_incident_of_what_the_fault_did_not_move_is_not_about_it():
    assert verdict(case(), telling(110, "elsewhere")).word == "none"


def test_an_incident_that_was_merged_is_not_the_one_that_counts():
    merged = telling(110, "gpu0"), telling(120, "gpu0", stage=Stage.MERGED)
    later = telling(110, "gpu0"), telling(320, "gpu0", stage=Stage.MERGED)

    assert verdict(case(), *merged).word == "none"
    assert verdict(case(), *later).word == "first"


def test_a_cause_is_localised_when_it_stands_first_to_stay():
    told = [(110, "gpu0"), (120, "gpu1"), (130, "gpu0"), (140, "gpu0"), (500, "gpu1")]
    one = case(moved={"gpu0": 100.0, "gpu1": 100.0})

    found = verdict(one, *(telling(at_s, cause, since_s=110) for at_s, cause in told))

    assert found.localised_s == 30.0


def test_either_end_of_a_link_is_right():
    plant = Plant(nodes=4)
    one = case("node-01/ib0")
    both = type(one)(one.fault, plant.layout.assets["port"][0], one.moved)

    assert verdict(both, telling(110, "leaf-1/p1")).word == "first"


@given(happened=st.lists(st.booleans(), min_size=1))
def test_always_saying_the_base_rate_scores_the_base_and_knowing_scores_nothing(happened):
    rate = sum(happened) / len(happened)
    always = brier([rate] * len(happened), happened)

    assert always.score == pytest.approx(always.base)
    assert brier([float(one) for one in happened], happened).score == 0.0


@given(
    followers=st.lists(st.sampled_from(ASSETS), unique=True),
    moved=st.dictionaries(st.sampled_from(ASSETS), st.floats(100, 199)),
)
def test_precision_and_recall_are_shares(followers, moved):
    one = case(moved={"gpu0": 100.0} | moved)
    found = named([verdict(one, telling(150, "gpu0", followers=followers))])

    assert 0 <= found.precision <= 1 or isnan(found.precision)
    assert 0 <= found.recall <= 1 or isnan(found.recall)


def test_who_was_next_is_known_by_who_was_moved_later():
    one = case(moved={"gpu0": 100.0, "gpu1": 105.0, "gpu2": 130.0})
    coming = (("gpu1", 0.9, 120), ("gpu2", 0.8, 120), ("node", 0.5, 120))
    told = record(one, tellings=[telling(110, "gpu0", coming=coming)])

    found = foretold(told, [judged(one, told.episodes())])

    assert [(each.moved, each.already) for each in found] == [
        (False, True),
        (True, False),
        (False, False),
    ]
    assert found[1].off_s == pytest.approx(10.0)


def test_an_incident_is_false_where_no_fault_has_to_do_with_it():
    tellings = [
        telling(10, "gpu0", name="quiet"),
        telling(110, "gpu0", name="right"),
        telling(120, "elsewhere", name="false"),
        telling(125, "elsewhere", name="half", followers=("gpu0",)),
        telling(950, "gpu0", name="late"),
    ]

    found = figures([record(case(), tellings=tellings)], site())

    assert (found.healthy.begun, found.faulty.begun) == (1, 2)
    assert found.healthy.a_day == pytest.approx(86_400 / 50)
    assert found.per_fault == 2.0


def test_a_fault_that_moved_nothing_is_nobodys_failure():
    found = figures([record(case(moved={}), tellings=[])], site())

    assert found.seen == 0
    assert isnan(found.cascade.top1)


def test_only_what_came_of_anomalies_while_things_break_is_counted():
    told = record(case(), tellings=[])
    told.fates.append(Fates(3, 1, 1))

    found = figures([told], site()).fates
    assert (found.folded, found.work, found.neither, found.came) == (3, 1, 1, 5)


def test_the_rules_rank_by_time_by_score_and_by_what_lies_below():
    signs = [
        Sign(1.0, 1.0, "n1", 8.0),
        Sign(2.0, 2.0, "n2", 9.0),
        Sign(3.0, 3.0, "pdu", 7.5),
        Sign(90.0, 90.0, "ups", 7.0),
    ]

    assert earliest(site(), signs)[0] == "n1"
    assert highest(site(), signs)[0] == "n2"
    assert upstream(site(), signs) == ["pdu", "n1", "n2", "ups"]


def test_of_those_with_nothing_below_the_one_with_links_to_the_others_is_upstream():
    signs = [Sign(float(i), float(i), name, 8.0) for i, name in enumerate(("n1", "n2", "sw"))]

    assert upstream(site(), signs)[0] == "sw"


def test_assets_that_the_graph_does_not_know_are_ranked_too():
    assert upstream(site(), [Sign(1.0, 1.0, "stranger", 8.0)]) == ["stranger"]


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_stale_site_has_its_share_of_wrong_edges_between_the_same_kinds(share):
    parts = list(Plant(nodes=16).parts())
    told = stale(parts, share, np.random.default_rng(1))
    kinds = {asset.name: asset.kind for part in parts for asset in part.assets}
    true = {edge for part in parts for edge in part.edges}
    kept = [edge for part in told for edge in part.edges]

    assert len(true & set(kept)) / len(true) == pytest.approx(1 - share, abs=0.05)
    assert {_sort(edge, kinds) for edge in kept} <= {_sort(edge, kinds) for edge in true}


def _sort(edge, kinds):
    return edge.kind, kinds[edge.source], kinds[edge.target]


def test_faults_are_of_all_kinds_in_turn_one_after_the_other():
    timing = Timing(warm_s=400.0, lasts_s=100.0, gap_s=50.0)
    found = faults(Plant(nodes=64), len(FAULTS), 0.0, timing)
    ends = [400.0, *(one.start_s + one.duration_s + 50.0 for one in found)]

    assert {one.kind for one in found} == set(FAULTS)
    assert [one.start_s for one in found] == ends[:-1]
    assert lasts("tower_fan_stuck", timing) > 600.0


def test_pairs_are_there_at_once():
    found = faults(Plant(nodes=64), 20, 1.0, Timing())

    assert len(found) == 20
    assert any(b.start_s < a.start_s + a.duration_s for a, b in pairwise(found))


def test_work_is_planned_in_the_healthy_stretch_only():
    plant = Plant(nodes=8)
    found = drains(plant, Timing(warm_s=600.0, healthy_s=7200.0))

    assert len(found) == 4
    assert all(600.0 <= one.start_s <= 7800.0 - one.duration_s for one in found)
    assert drains(plant, Timing()) == ()


def test_the_command_judges_a_small_plant_and_writes_what_was_told(tmp_path):
    file = tmp_path / "told.json"
    words = ["eval", "cascade", "--size", "32", "--faults", "2", "--lasts", "40", "--gap", "20"]
    words += ["--warm", "240", "--seed", "4", "--stale", "0.1", "--dark", "0.1", "--out", str(file)]

    result = call(*words, "--json", "--fail-under", "101")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["faults"], set(told["rules"])) == (
        2,
        {"earliest anomaly", "highest score", "most upstream"},
    )
    assert [one["kind"] for one in json.loads(file.read_bytes())["faults"]] == [
        one["kind"] for one in told["verdicts"]
    ]


def test_a_fault_in_a_plant_of_its_own_is_told_as_in_a_run_that_has_no_other():
    plant, timing = Plant(seed=4, nodes=4, rails=2), Timing(240.0, 0.0, 40.0, 20.0, 1.0)
    faults = side_by_side(groups(plant, 2, 0.0, timing), timing)
    site = known(plant, 0.0)

    (well, *each), _ = apart(plant, faults, site, timing)

    assert well.cases == ()
    for one, some in zip(each, faults, strict=True):
        alone, _ = watched(plant.breaking(some), site, timing)
        from_s = some[0].start_s
        assert one.cases == alone.cases
        assert one.tellings == alone.tellings
        assert one.signs == [sign for sign in alone.signs if sign.at_s >= from_s]
        assert one.until_s == alone.until_s


def test_the_command_judges_faults_apart_and_counts_the_healthy_time_before(tmp_path):
    file = tmp_path / "told.json"
    words = ["eval", "cascade", "--apart", "--size", "32", "--faults", "2", "--lasts", "30"]
    words += ["--gap", "20", "--warm", "120", "--out", str(file), "--json"]

    told = json.loads(call(*words).stdout)

    assert (told["faults"], told["apart"], told["false"]["healthy"]["a_day"]) == (2, True, 0.0)
    assert [len(one["faults"]) for one in json.loads(file.read_bytes())["runs"]] == [0, 1, 1]


def test_several_seeds_are_one_after_the_other_what_each_is_alone():
    words = ["eval", "cascade", "--size", "32", "--faults", "1", "--lasts", "30", "--gap", "20"]
    words += ["--warm", "60", "--json"]

    whole = json.loads(call(*words, "--seeds", "3-4").stdout)
    alone = [json.loads(call(*words, "--seed", seed).stdout) for seed in ("3", "4")]

    for one in (*whole["seeds"], *alone):
        del one["cost"]
    assert whole["seeds"] == alone
    assert whole["faults"] == 2
    top1 = whole["shares"]["cascade"]["top1"]
    assert 100.0 * top1["share"] == whole["headline"]
    assert top1["low"] <= top1["share"] <= top1["high"]


def test_processes_beside_each_other_answer_in_order():
    assert each(abs, [-3, 1, -2], jobs=2) == [3, 1, 2]


@given(hits=st.integers(0, 200), others=st.integers(0, 200))
def test_a_share_lies_in_its_interval_which_more_faults_make_narrower(hits, others):
    one, many = share_of(hits, hits + others), share_of(4 * hits, 4 * (hits + others))

    if hits + others == 0:
        assert isnan(one.share)
    else:
        assert 0.0 <= one.low <= one.share <= one.high <= 1.0
        assert many.high - many.low < one.high - one.low


def test_half_of_ten_is_a_quarter_to_three_quarters():
    _, low, high = share_of(5, 10)

    assert (round(low, 4), round(high, 4)) == (0.2366, 0.7634)


@pytest.mark.parametrize("seeds", ["", "x", "5-3", "1,,2"])
def test_seeds_that_are_none_are_said_to_be_none(seeds):
    with pytest.raises(ConfigError, match="--seeds"):
        seeds_of(seeds)


def test_seeds_are_ranges_and_single_ones_each_once():
    assert seeds_of("1-3, 7,2") == (1, 2, 3, 7)


def test_what_is_told_of_one_seed_is_refused_for_several(tmp_path):
    result = call("eval", "cascade", "--seeds", "1-2", "--out", str(tmp_path / "told.json"))

    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_what_says_nothing_is_told_while_it_says_nothing():
    fault = Fault("node_silent", "node-02", 60.0, 200.0)
    plant = Plant(nodes=4, faults=(fault,))
    told = Told(plant.cells())

    events = [event for tick in plant.run(START_NS, 160.0) for event in told.take(tick)]

    silent = {one.data.asset for one in events if one.data.kind is AnomalyKind.SILENCE}
    assert "node-02" in silent


def test_a_file_that_cannot_be_written_is_told_before_the_run(tmp_path):
    result = call("eval", "cascade", "--out", str(tmp_path / "none" / "told.json"))

    assert result.exit_code == 2
    assert "--out" in str(result.exception) or "--out" in result.stderr
