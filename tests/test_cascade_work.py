"""Planned work and jobs are no fault, and what comes after its followers is not their cause."""

from operator import itemgetter

import numpy as np
import pytest
from foreign_site import (
    GPUS,
    HOSTS,
    SECOND,
    START_NS,
    SYMBOLS,
    TEMP,
    WAITED,
    WORK,
    anomaly,
    closed,
    cooling_lost,
    last,
    site,
    worse,
)

from models.cascade.candidates import candidates
from models.cascade.cascade import reasoner
from models.cascade.explain import Explained, Rival, settle, split, total
from models.cascade.far import Far
from models.cascade.groups import Groups, shares, signs, strongest
from models.cascade.idle import Seen
from models.cascade.incidents import Incidents, Place
from models.cascade.physics import FAULTS, Wave
from models.cascade.reach import LEAST, search
from models.cascade.says import Says
from models.cascade.weigh import Candidates, Weights, weigh
from models.site import ASSET_CODE, build
from schemas.anomaly import AnomalyKind, Detector
from schemas.cascade import AssetKind, Fault

OUTLET = "Outlet_Air_Temperature"
MEMORY = "DCGM_FI_DEV_FB_USED"
FAN = "Fan_Speed"
XMIT = "PortXmitData"


@pytest.fixture(scope="module")
def graph():
    return build([site()])[0]


def gpus_of(host):
    return [f"{host}/GPU{g}" for g in range(GPUS)]


def taken_out(at_s, host="dgx-a"):
    """Yield what a host says that is taken out of service, and some GPUs beside it."""
    for gpu in gpus_of(host):
        yield anomaly(gpu, MEMORY, at_s, up=False, score=100.0, interval_s=1.0)
    for gpu in ("dgx-b/GPU1", "dgx-b/GPU3", "dgx-c/GPU0", "dgx-c/GPU2"):
        yield anomaly(gpu, TEMP, at_s + 50, up=False, score=8.0, interval_s=1.0)


def test_hosts_that_get_warm_as_their_job_starts_again_are_not_why_it_had_stopped(graph):
    warm = [anomaly(host, OUTLET, 280 + i, score=8.0) for i, host in enumerate(HOSTS[1:3])]

    assert last(graph, [*taken_out(10), *warm], 320) == []


def test_a_host_that_is_put_back_does_other_work_and_is_warm_for_it(graph):
    port = anomaly("LEAF7/0", XMIT, 10, up=False, kind=AnomalyKind.PEER)
    back = [anomaly(gpu, MEMORY, 600, score=60.0, interval_s=1.0) for gpu in gpus_of("dgx-a")]
    warm = anomaly("dgx-a", OUTLET, 607, score=8.0, interval_s=1.0)

    assert last(graph, [port, *back, warm], 700) == []


def test_a_host_that_is_hot_before_its_gpus_do_less_is_why(graph):
    idle = [anomaly(gpu, WORK, 100, up=False) for gpu in gpus_of("dgx-a")]
    hot = [anomaly(gpu, TEMP, 60) for gpu in gpus_of("dgx-a")]
    (incident,) = last(graph, [anomaly("dgx-a", OUTLET, 10), *hot, *idle], 140)

    assert (incident.causes[0].asset, incident.causes[0].fault) == ("dgx-a", Fault.HEAT)


def among_peers(asset, point, at_s, up=True):
    return anomaly(asset, point, at_s, up=up, kind=AnomalyKind.PEER, interval_s=5.0)


def test_a_host_with_less_to_do_than_its_peers_is_no_incident_nor_when_it_works_again(graph):
    cold, hot = among_peers("dgx-a", OUTLET, 60, up=False), among_peers("dgx-a", OUTLET, 920)
    slow = among_peers("dgx-a", FAN, 70, up=False)
    ends = closed(cold, 900), closed(slow, 1025), closed(hot, 1050)

    assert last(graph, [cold, slow, hot, *ends], 1300) == []


def test_a_host_whose_fan_stands_among_its_peers_is_too_hot_for_that(graph):
    slow, hot = among_peers("dgx-a", FAN, 60, up=False), among_peers("dgx-a", OUTLET, 70)
    gpus = [among_peers(gpu, TEMP, 90) for gpu in gpus_of("dgx-a")]
    (incident,) = last(graph, [slow, hot, *gpus], 200)

    assert (incident.causes[0].asset, incident.causes[0].fault) == ("dgx-a", Fault.HEAT)


def test_ports_that_have_less_to_send_than_others_do_not_draw_a_cause_towards_them(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    crowd = [anomaly(name, WAITED, 100, detector=Detector.JUMP, interval_s=1.0) for name in names]
    idle = [
        anomaly("LEAF7/5", point, 60, up=False, kind=AnomalyKind.PEER, interval_s=5.0)
        for point in (XMIT, "PortRcvData")
    ]
    alone, beside = (last(graph, [*crowd, *more], 250) for more in ([], idle))

    assert [one.causes[0].asset for one in alone] == ["LEAF7"]
    assert [one.causes[0].asset for one in beside] == ["LEAF7"]


def test_the_port_that_waited_first_is_next_to_what_takes_no_more(graph):
    others = [f"{host}/mlx5_0" for host in HOSTS[:3]] + ["LEAF7/1", "LEAF7/2"]
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    first = anomaly("LEAF7/0", WAITED, 20, **at)
    then = [anomaly(name, WAITED, 28, score=9.0, **at) for name in others]
    (incident,) = last(graph, [first, *then], 300)

    cause = incident.causes[0]
    assert {"LEAF7/0", "dgx-a/mlx5_0", "dgx-a"} & {cause.asset, *cause.ends}


@pytest.mark.parametrize("first_s", [20, 30])
def test_the_port_that_waits_most_and_no_later_is_next_to_what_takes_no_more(graph, first_s):
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    names = [f"{host}/mlx5_0" for host in HOSTS[:3]] + ["LEAF7", "LEAF7/1", "LEAF7/2"]
    others = [anomaly(name, WAITED, 29, value=50.0, **at) for name in names]
    most = anomaly("LEAF7/0", WAITED, first_s, value=20.0, **at)
    grown = worse(most, first_s + 8, 60.0, value=200.0)
    (incident,) = last(graph, [most, *others, grown], 300)

    cause = incident.causes[0]
    assert ({"LEAF7/0", "dgx-a/mlx5_0"} & {cause.asset, *cause.ends} != set()) == (first_s < 29)


@pytest.mark.parametrize("first_s", [10, 28, 31])
def test_the_strongest_is_no_later_than_any_other(first_s):
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    groups = Groups()
    for i, began_s in enumerate((29, 29, 35)):
        groups.take(anomaly(f"LEAF7/{i + 1}", SYMBOLS, began_s, value=25.0 + i, **at), START_NS)
    groups.take(anomaly("LEAF7/0", SYMBOLS, first_s, value=200.0, **at), START_NS)

    assert strongest(list(groups.all.values())).tolist() == [False, False, False, first_s < 29]


def test_what_was_strong_and_is_over_is_not_the_strongest():
    groups = Groups()
    was, now = (
        anomaly(f"LEAF7/{i}", SYMBOLS, 10 * i, value=size) for i, size in ((1, 300.0), (2, 60.0))
    )
    for one in (was, now):
        groups.take(one, START_NS)
    before = strongest(list(groups.all.values())).tolist()
    groups.take(closed(was, 40), START_NS + 40 * SECOND)
    groups.take(anomaly("LEAF7/1", SYMBOLS, 60, value=6.0), START_NS + 60 * SECOND)

    assert before == [True, False]
    assert strongest(list(groups.all.values())).tolist() == [False, False]


@pytest.mark.parametrize(("first_s", "leads"), [(21, True), (27, False), (40, False)])
def test_the_first_of_many_that_wait_alike_stands_where_trouble_is(first_s, leads):
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    groups = Groups()
    for name in ("LEAF7/1", "LEAF7/2", "dgx-a/mlx5_0"):
        groups.take(anomaly(name, WAITED, 30, **at), START_NS)
    groups.take(anomaly("LEAF7/0", WAITED, first_s, **at), START_NS)

    assert strongest(list(groups.all.values())).tolist() == [False, False, False, leads]


def test_who_computes_slowly_is_waited_for_and_no_port_is_full_of_what_it_sends(graph):
    waits = [anomaly(f"{host}/mlx5_0", WAITED, 20, interval_s=1.0) for host in HOSTS[:3]]
    (incident,) = last(graph, waits, 300)

    assert incident.causes[0].fault not in {Fault.COMPUTE, Fault.HEAT, Fault.POWER}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_that_date_one_beginning_the_exacter_counts(order):
    exact = anomaly("LEAF7/1", WAITED, 120, detector=Detector.JUMP, interval_s=1.0)
    about = anomaly("LEAF7/1", WAITED, 112, kind=AnomalyKind.PEER, interval_s=5.0)
    earlier = anomaly("LEAF7/1", WAITED, 20, kind=AnomalyKind.PEER, interval_s=5.0)

    def begins(*events):
        groups, place = Groups(), np.zeros(1, np.uint8)
        for event in events:
            groups.take(event, START_NS)
        found = signs(list(groups.all.values()), [0], place, START_NS)
        return float(found.onset_s[0]), float(found.slack_s[0])

    pairs = [(exact, about)[i] for i in order], [(exact, earlier)[i] for i in order]
    assert [begins(*pair) for pair in pairs] == [begins(exact), begins(earlier)]


def test_a_difference_within_what_a_thermometer_is_exact_to_is_no_fault(graph):
    def water(value):
        at = {"unit": "Cel", "interval_s": 1.0, "score": 8.5, "expected": 12.0, "value": value}
        return [anomaly(name, "Supply_Water_Temperature", 10, **at) for name in ("CDU-1", "CDU-2")]

    assert last(graph, water(12.1), 300) == []
    assert len(last(graph, water(14.0), 300)) >= 1


def test_only_gpus_of_a_host_are_sure_to_do_the_same_as_their_peers():
    names = ("A", "B")
    groups = Groups()
    for name in names:
        groups.take(anomaly(name, WORK, 5, up=False, kind=AnomalyKind.PEER), START_NS)
    kinds = np.array([ASSET_CODE[AssetKind.GPU], ASSET_CODE[AssetKind.PORT]], np.uint8)
    gpu, port = signs(list(groups.all.values()), [0, 1], kinds, START_NS + 10**11).weight

    assert port < 8.0 < gpu


def test_two_causes_are_found_for_one_however_many_are_like_that_one():
    alike = np.tile(np.array([[9.0, 9.0, 9.0, 7.0, 7.0]], np.float32), (5, 1))
    link = np.array([[9.0, 9.0, 9.0, 0.0, 0.0]], np.float32)
    work = np.array([[0.0, 0.0, 0.0, 8.0, 8.0]], np.float32)
    gain = np.concatenate([alike, link, work])
    price = np.array([15.0] * 5 + [9.0, 3.0])

    found = settle(gain, price, split(gain, price, [0]))

    assert sorted(found) == [5, 6]
    assert total(gain, price, found) > total(gain, price, [0])


def test_ports_that_stand_out_for_one_task_count_once_however_many():
    says = np.array([Says.LESS_WORK] * 64 + [Says.ERROR] * 4)
    tasks = np.array([True] * 64 + [False] * 4)

    share = shares(says, tasks, np.zeros(68, np.bool_))

    assert share[tasks].sum() == pytest.approx(1.0)
    assert (share[~tasks] > share[tasks].max()).all()


def test_what_is_off_by_little_everywhere_counts_once():
    says = np.array([Says.HOT] * 6)
    little = np.array([True] * 4 + [False] * 2)

    share = shares(says, np.zeros(6, np.bool_), little)

    assert share[little].sum() == pytest.approx(1.0)
    assert share[~little].min() > share[little].max()


def test_all_that_a_job_shows_as_it_begins_again_costs_one_time(graph):
    host, workload = graph.place("dgx-a"), FAULTS.index(Fault.WORKLOAD)
    hosts = HOSTS[1:3]

    def worth(*at_s):
        groups = Groups()
        for event in taken_out(10):
            groups.take(event, START_NS)
        for name, second in zip(hosts, at_s, strict=True):
            groups.take(anomaly(name, OUTLET, second, score=9.0, interval_s=1.0), START_NS)
        some = sorted(groups.all.values(), key=lambda group: (group.first_ns, group.asset))
        told = signs(
            some, [graph.place(one.asset) for one in some], graph.kinds, START_NS + 900 * SECOND
        )
        n, asks = told.asset.size, reasoner(graph)
        found = Candidates(*(np.array([one]) for one in (host, -1, workload)), np.zeros(1))
        weights = Weights(np.zeros((1, n), np.float32), np.zeros(1), np.zeros(1), np.zeros(1))
        weigh(asks.site, asks.tables, told, found, 0.0, asks.reached, weights, Far())
        return [float(weights.gain[0, i]) for i, one in enumerate(some) if one.asset in hosts]

    together, apart = worth(700, 705), worth(700, 500)

    assert min(together) > max(apart)


def test_what_shows_something_else_too_may_be_why_those_below_it_wait(graph):
    groups = Groups()
    groups.take(anomaly("LEAF7", "Temperature", 5), START_NS)
    for host in HOSTS:
        groups.take(anomaly(f"{host}/mlx5_0", WAITED, 5), START_NS)
    some, asks = list(groups.all.values()), reasoner(graph)
    places = [graph.place(group.asset) for group in some]

    told = signs(some, places, graph.kinds, START_NS)
    found = candidates(graph, asks.site, asks.tables, told)

    pairs = set(zip(found.asset.tolist(), found.fault.tolist(), strict=True))
    assert (graph.place("LEAF7"), FAULTS.index(Fault.CONGESTION)) in pairs


@pytest.mark.parametrize(("fault", "is_own"), [(Fault.HOST, False), (Fault.HEAT, True)])
def test_a_fan_that_slows_down_tells_of_heat_or_of_less_work_and_of_no_host(graph, fault, is_own):
    groups, asks = Groups(), reasoner(graph)
    for gpu in gpus_of("dgx-a"):
        groups.take(anomaly(gpu, MEMORY, 10, up=False), START_NS)
    groups.take(anomaly("dgx-a", FAN, 60, up=False), START_NS)
    some = list(groups.all.values())
    told = signs(some, [graph.place(one.asset) for one in some], graph.kinds, START_NS)
    one = np.array([graph.place("dgx-a")]), np.array([-1]), np.array([FAULTS.index(fault)])
    weights = Weights(np.zeros((1, len(some)), np.float32), np.zeros(1), np.zeros(1), np.zeros(1))

    cause = Candidates(*one, np.array([10.0]))
    weigh(asks.site, asks.tables, told, cause, 0.0, asks.reached, weights, Far())

    assert (weights.own[0] > 0.0) == is_own


def test_a_host_that_does_other_work_changes_what_its_job_does_elsewhere(graph):
    asks, workload = reasoner(graph), FAULTS.index(Fault.WORKLOAD)
    host = np.array([graph.place("dgx-a")], np.int64)

    search(asks.site, asks.tables, host, (workload, LEAST), asks.reached)

    changed = asks.reached.chance[Wave.CHANGE]
    assert min(changed[graph.place(gpu)] for gpu in gpus_of("dgx-c")) > 0.0
    assert max(changed[graph.place(gpu)] for gpu in gpus_of("dgx-d")) == 0.0


def test_an_incident_does_not_go_on_as_the_other_work_of_the_host_it_named(graph):
    heat, work, compute = (FAULTS.index(one) for one in (Fault.HEAT, Fault.WORKLOAD, Fault.COMPUTE))
    host, gpu = Place("dgx-a", ""), Place("dgx-a/GPU1", "")
    groups = Groups()
    key = groups.take(anomaly("dgx-a/GPU1", TEMP, 10), START_NS)

    def named(*rivals):
        told = tuple(Rival(0, -1, fault, likely, 0.0) for _, fault, likely in rivals)
        explained = Explained(told, np.zeros(0, np.int64), worth=50.0, own=1.0, beyond=50.0)
        return [(explained, frozenset({key}), tuple(place for place, *_ in rivals))]

    incidents = Incidents("s")
    incidents.step(named((host, heat, 0.9)), Seen(graph, groups.all, START_NS + 20 * SECOND))
    (change,) = incidents.step(
        named((gpu, compute, 0.45), (host, work, 0.4)),
        Seen(graph, groups.all, START_NS + 40 * SECOND),
    )

    assert change.cause.fault == compute
    assert change.standing.place == gpu


def test_a_hosts_work_is_not_added_to_its_faults(graph):
    asks = reasoner(graph)
    groups = Groups()
    groups.take(anomaly("dgx-f", OUTLET, 5, interval_s=1.0), START_NS)
    for gpu in gpus_of("dgx-f"):
        groups.take(anomaly(gpu, WORK, 5), START_NS)
    some = list(groups.all.values())
    places = [graph.place(group.asset) for group in some]
    told = signs(some, places, graph.kinds, START_NS + 60 * SECOND)

    rivals = [one for found in asks.explain(told, 0.0) for one in found.rivals]

    work = FAULTS.index(Fault.WORKLOAD)
    here = [one.fault == work for one in rivals if one.asset == graph.place("dgx-f")]
    assert sorted(here) == [False, True]


def swing(mute):
    """Return an explanation by a cause that shows nothing, of what is a little warm."""
    cooling = FAULTS.index(Fault.COOLING)
    told = (Rival(0, -1, cooling, 0.9, 0.0),)
    return Explained(told, np.zeros(0, np.int64), worth=50.0, own=0.0, beyond=mute)


@pytest.mark.parametrize(
    ("cause", "beyond", "opens"),
    [("CT-1", -5.0, 0), ("CT-1", 6.0, 0), ("CT-1", 50.0, 1), (HOSTS[0], 6.0, 1)],
)
def test_what_is_a_little_warm_names_no_cause_that_shows_nothing(graph, cause, beyond, opens):
    groups = Groups()
    keys = [groups.take(anomaly(host, OUTLET, 10), START_NS) for host in HOSTS[:3]]
    named = [(swing(beyond), frozenset(keys), (Place(cause, ""),))]

    changes = Incidents("s").step(named, Seen(graph, groups.all, START_NS + 60 * SECOND))

    assert len(changes) == opens


def opened(seen, keys, fault, asset):
    """Return how many incidents open at a time, where a fault of an asset surely explains signs."""
    told = (Rival(0, -1, FAULTS.index(fault), 0.9, 0.0),)
    explained = Explained(told, np.zeros(0, np.int64), worth=50.0, own=9.0, beyond=50.0)
    named = [(explained, frozenset(keys), (Place(asset, ""),))]
    return len(Incidents("s").step(named, seen))


@pytest.mark.parametrize(("passed_s", "opens"), [(10, 1), (30, 0)])
def test_what_is_over_for_a_while_opens_no_incident(graph, passed_s, opens):
    groups, hot = Groups(), anomaly("dgx-a", OUTLET, 10)
    key = groups.take(hot, START_NS + 10 * SECOND)
    groups.take(closed(hot, 40), START_NS + 40 * SECOND)
    seen = Seen(graph, groups.all, START_NS + (40 + passed_s) * SECOND)

    assert opened(seen, [key], Fault.HEAT, "dgx-a") == opens


@pytest.mark.parametrize("told_s", [10, 900])
@pytest.mark.parametrize(("passed_s", "opens"), [(60, 1), (600, 0)])
def test_what_has_had_less_to_do_since_long_before_opens_no_incident(
    graph, told_s, passed_s, opens
):
    groups, told_ns = Groups(), START_NS + told_s * SECOND
    keys = [groups.take(anomaly(gpu, WORK, 10, up=False), told_ns) for gpu in gpus_of("dgx-a")]
    seen = Seen(graph, groups.all, told_ns + passed_s * SECOND)

    assert opened(seen, keys, Fault.COMPUTE, "dgx-a/GPU0") == opens


@pytest.mark.parametrize(("kind", "opens"), [(AnomalyKind.PEER, 0), (AnomalyKind.LEVEL, 1)])
def test_a_host_that_has_less_to_do_than_its_peers_is_not_why_its_gpus_have(graph, kind, opens):
    groups = Groups()
    less = [anomaly(gpu, MEMORY, 10, up=False) for gpu in gpus_of("dgx-a")]
    cold = anomaly("dgx-a", OUTLET, 15, up=False, kind=kind)
    keys = [groups.take(one, START_NS) for one in (*less, cold)]
    seen = Seen(graph, groups.all, START_NS + 60 * SECOND)

    assert opened(seen, keys, Fault.HOST, "dgx-a") == opens


@pytest.mark.parametrize(
    ("asset", "point"), [("CDU-1", "Pump_Speed"), ("CH-4", "Active_Power"), ("dgx-a", FAN)]
)
def test_only_what_jobs_run_on_has_less_to_do(graph, asset, point):
    """A pump that is slower than its like, or has been for long, does not do what it is for."""
    groups = Groups()
    key = groups.take(among_peers(asset, point, 10, up=False), START_NS + 10 * SECOND)
    soon, late = (Seen(graph, groups.all, START_NS + at_s * SECOND) for at_s in (60, 600))

    has_jobs = asset == "dgx-a"
    for seen in (soon, late):
        assert opened(seen, [key], Fault.COOLING, asset) == (not has_jobs)


@pytest.mark.parametrize("after_s", [10, 120, 310, 600])
@pytest.mark.parametrize(
    ("asset", "slow", "hot"),
    [
        ("dgx-a", FAN, OUTLET),
        ("CDU-1", "Pump_Speed", "Leaving_Water_Temperature"),
        ("CH-4", "Active_Power", "Leaving_Chilled_Water_Temperature"),
    ],
)
def test_what_moves_less_than_its_like_and_then_grows_hot_is_at_fault(
    graph, asset, slow, hot, after_s
):
    first = among_peers(asset, slow, 60, up=False)
    (incident, *_) = last(graph, [first, anomaly(asset, hot, 60 + after_s)], 900)

    assert incident.causes[0].asset == asset


@pytest.mark.parametrize(("lasts_s", "opens"), [(100, 0), (600, 1)])
def test_a_host_that_works_again_is_hot_for_a_while_only(graph, lasts_s, opens):
    cold, hot = among_peers("dgx-a", OUTLET, 60, up=False), among_peers("dgx-a", OUTLET, 920)
    told = last(graph, [cold, closed(cold, 900), hot, closed(hot, 920 + lasts_s)], 2000)

    assert len(told) == opens


@pytest.mark.parametrize(
    ("beside", "is_told"),
    [
        (anomaly("LEAF7/5", XMIT, 20, kind=AnomalyKind.LIMIT), False),
        (among_peers("LEAF7/5", XMIT, 20, up=False), False),
        (anomaly("dgx-f/GPU1", WORK, 20), False),
        (anomaly("LEAF7/5", SYMBOLS, 20, score=7.1), True),
    ],
)
def test_what_tells_of_work_alone_is_not_told_as_unexplained(graph, beside, is_told):
    (incident,) = last(graph, [*cooling_lost(), beside], 40)

    assert incident.causes[0].asset == "CH-4"
    assert incident.unexplained == ((beside.data.asset,) if is_told else ())


@pytest.mark.parametrize(("many", "opens"), [(2, 1), (3, 0)])
def test_what_many_others_say_is_no_wrong_reading(graph, many, opens):
    groups = Groups()
    key = groups.take(anomaly("LEAF7", "Temperature", 10, unit="Cel"), START_NS)
    for host in HOSTS[:many]:
        groups.take(anomaly(host, OUTLET, 10), START_NS)
    seen = Seen(graph, groups.all, START_NS + 60 * SECOND)

    assert opened(seen, [key], Fault.SENSOR, "LEAF7") == opens


def test_a_switch_that_is_full_works_harder_and_is_no_worse_cooled(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    crowd = [anomaly(name, WAITED, 100, detector=Detector.JUMP, interval_s=1.0) for name in names]
    hot = anomaly("LEAF7", "Temperature", 160, unit="Cel", interval_s=1.0)
    (incident,) = last(graph, [*crowd, hot], 300)

    assert (incident.causes[0].asset, incident.causes[0].fault) == ("LEAF7", Fault.CONGESTION)


@pytest.mark.parametrize(("hot_s", "opens"), [(945, 0), (905, 1)])
def test_a_port_sends_more_beside_its_host_that_works_again(graph, hot_s, opens):
    cold, hot = among_peers("dgx-a", OUTLET, 60, up=False), among_peers("dgx-a", OUTLET, hot_s)
    more = anomaly("LEAF7/0", XMIT, 900)
    told = sorted(
        [(60, cold), (900, more), (940, closed(cold, 940)), (hot_s, hot)], key=itemgetter(0)
    )
    groups = Groups()
    for at_s, one in told:
        groups.take(one, START_NS + at_s * SECOND)
    keys = [("LEAF7/0", Says.MORE_WORK), ("dgx-a", Says.HOT)]
    seen = Seen(graph, groups.all, START_NS + 960 * SECOND)

    assert opened(seen, keys, Fault.HEAT, "dgx-a") == opens
