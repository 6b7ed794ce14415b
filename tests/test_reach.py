"""How far what breaks in a fabric of two leaves and a spine is followed, and who waits for it."""

import numpy as np
import pytest
from foreign_site import SECOND, START_NS, SYMBOLS, WAITED, anomaly, last, link, runs

from models.cascade import candidates as among
from models.cascade import weigh
from models.cascade.candidates import candidates
from models.cascade.cascade import reasoner
from models.cascade.delays import Delays, later
from models.cascade.explain import Rival
from models.cascade.groups import Groups, signs
from models.cascade.physics import FAULTS, Wave
from models.cascade.physics.waves import LONG
from models.cascade.reach import LEAST, clean, search
from models.cascade.says import Says
from models.cascade.signs import likeliest
from models.cascade.spread import Spread
from models.site import build
from schemas.anomaly import Detector
from schemas.cascade import Asset, AssetKind, Edge, EdgeKind, Fault, Inventory

LEAVES, EACH = ("LEAF1", "LEAF2"), 4
TRUNK = ("LEAF1/up", "CORE/1")
DOWN = "PortPhysicalState"


def hosts(leaf, each=EACH):
    return [f"{leaf}-host{i}" for i in range(each)]


def busy(leaves=LEAVES, each=EACH):
    """Return the hosts that work: the last of each leaf is idle."""
    return [host for leaf in leaves for host in hosts(leaf, each)[:-1]]


BUSY = busy()


def fabric(leaves=LEAVES, each=EACH):
    """Return leaves of some hosts, a core switch, and a job on all but the last of each leaf."""
    assets = [Asset(name="CORE", kind=AssetKind.SWITCH), Asset(name="job", kind=AssetKind.JOB)]
    edges = []
    for i, leaf in enumerate(leaves, 1):
        ports = [f"{leaf}/up", f"CORE/{i}", *(f"{leaf}/{k}" for k in range(each))]
        assets += [Asset(name=leaf, kind=AssetKind.SWITCH)]
        assets += [Asset(name=port, kind=AssetKind.PORT) for port in ports]
        edges.append(link(f"{leaf}/up", f"CORE/{i}"))
        for k, host in enumerate(hosts(leaf, each)):
            assets += [Asset(name=host, kind=AssetKind.NODE)]
            assets += [Asset(name=f"{host}/hca", kind=AssetKind.NIC)]
            assets += [Asset(name=f"{host}/gpu", kind=AssetKind.GPU)]
            edges.append(link(f"{host}/hca", f"{leaf}/{k}"))
    gpus = [(host, f"{host}/gpu") for host in busy(leaves, each)]
    edges += [runs("job", gpu) for _, gpu in gpus]
    edges += [Edge(kind=EdgeKind.CONTAINS, source=host, target=gpu) for host, gpu in gpus]
    return Inventory(site="s", assets=tuple(assets), edges=tuple(edges))


@pytest.fixture(scope="module")
def graph():
    found, troubles = build([fabric()])
    assert not troubles
    return found


def chances(graph, names, fault, least=LEAST):
    """Return how likely each wave comes to each asset, by name."""
    asks = reasoner(graph)
    roots = np.array([graph.place(name) for name in names], np.int64)
    search(asks.site, asks.tables, roots, (FAULTS.index(fault), least), asks.reached)
    found = {name: asks.reached.chance[:, graph.place(name)].copy() for name in graph.names}
    clean(asks.reached)
    return found


def known(graph, events, at_s):
    """Return what the model has to explain at `at_s`."""
    groups = Groups()
    for event in events:
        groups.take(event, START_NS + at_s * SECOND)
    some = list(groups.all.values())
    places = [graph.place(one.asset) for one in some]
    return signs(some, places, graph.kinds, START_NS + at_s * SECOND)


def test_who_waits_is_felt_up_to_the_core_and_not_by_who_has_nothing_to_do_with_it(graph):
    waits = chances(graph, ["LEAF1-host0/gpu"], Fault.COMPUTE)

    for name in ("LEAF2-host1/hca", "LEAF2/1", "LEAF2/up", "CORE/2"):
        assert waits[name][Wave.WAITING] >= LEAST
    assert waits[f"LEAF1/{EACH - 1}"][Wave.WAITING] == 0.0
    assert waits[f"LEAF2/{EACH - 1}"][Wave.WAITING] == 0.0


def test_a_link_that_shows_errors_is_followed_as_far_as_what_it_holds_up(graph):
    asks, fault = reasoner(graph), FAULTS.index(Fault.LINK)
    ends = np.array([[graph.place(name) for name in TRUNK]] * 2, np.int64)
    ends[1] = [graph.place("LEAF2-host0/hca"), graph.place("LEAF2/0")]
    told = known(graph, [anomaly(TRUNK[0], SYMBOLS, 0), anomaly("LEAF2/0", WAITED, 0)], 10)
    least = weigh.followed(asks.site, asks.tables, told, ends, np.full(2, fault))

    assert least.tolist() == [LEAST * asks.tables.rarest[fault], LEAST]
    assert 0.0 < asks.tables.rarest[fault] < 1.0
    assert asks.tables.rarest[FAULTS.index(Fault.COMPUTE)] == 1.0
    near, far = (chances(graph, TRUNK, Fault.LINK, one) for one in least[::-1])
    assert sum((one > 0.0).sum() for one in near.values()) < sum(
        (one > 0.0).sum() for one in far.values()
    )
    assert all((far[name] >= one).all() for name, one in near.items())


@pytest.mark.parametrize("fault", [Fault.LINK, Fault.CONGESTION, Fault.POWER])
def test_work_that_waits_is_followed_farther_than_all_else(graph, fault):
    found = np.array(list(chances(graph, ["LEAF1"], fault).values()))
    faint = reasoner(graph).tables.faint
    come = found > 0.0

    assert set(np.flatnonzero(faint < 1.0).tolist()) == {int(wave) for wave in LONG}
    assert (found[come] >= (LEAST * np.broadcast_to(faint, found.shape))[come]).all()
    assert (found[:, faint < 1.0][come[:, faint < 1.0]] < LEAST).any()


def test_a_link_that_is_followed_farther_explains_all_that_it_did_before(graph):
    asks, roots = reasoner(graph), np.array([graph.place(name) for name in TRUNK], np.int64)
    fault = FAULTS.index(Fault.LINK)
    assets = np.arange(len(graph))

    def explained(least):
        search(asks.site, asks.tables, roots, (fault, least), asks.reached)
        found = [
            [likeliest(asks.tables, asks.reached, asset, says)[1] > 0.0 for says in Says]
            for asset in assets.tolist()
        ]
        clean(asks.reached)
        return np.array(found)

    near, far = explained(LEAST), explained(LEAST * asks.tables.rarest[fault])
    assert (far >= near).all()
    assert far.sum() > near.sum()


@pytest.mark.parametrize("rows", [(), (0, 3)])
def test_what_hardly_any_way_leads_to_is_not_learned_from(graph, rows):
    asks = reasoner(graph)
    spread = Spread(asks, Delays())
    ends = [graph.place(name) for name in TRUNK]
    course = spread.course(Rival(*ends, FAULTS.index(Fault.LINK), 1.0, 0.0))
    faint = course.chance < LEAST
    took_s = np.full(course.assets.size, np.nan)
    took_s[faint] = 5.0
    took_s[list(rows)] = 5.0
    spread.learn(course, took_s)

    assert faint.any()
    hits = spread.delays.hits.sum() - Delays().hits.sum()
    assert (hits > 0.0) == bool((~faint[list(rows)]).any())


def test_who_is_hardly_reached_does_not_thin_out_who_is_next(graph):
    spread = Spread(reasoner(graph), Delays())
    ends = [graph.place(name) for name in TRUNK]
    course = spread.course(Rival(*ends, FAULTS.index(Fault.LINK), 1.0, 0.0))
    near, of_rows = course.near, ("assets", "waves", "chance", "after_s", "kinds")
    alone = course._replace(**{name: getattr(course, name)[near] for name in of_rows})
    doubled = {name: np.tile(getattr(alone, name), 2) for name in of_rows}
    n = alone.assets.size
    doubled["chance"][n:] = LEAST / 2.0  # as many again of each kind, hardly reached
    seen = np.arange(2 * n) < 2

    likely = spread.likely(course._replace(**doubled), seen, 5.0, 1.0)
    assert likely[:n].tolist() == spread.likely(alone, seen[:n], 5.0, 1.0).tolist()


def test_a_link_that_goes_down_is_why_others_wait_from_then_on(graph):
    trunk = [anomaly(end, SYMBOLS, 0) for end in TRUNK]
    trunk += [anomaly(end, DOWN, 200, up=False) for end in TRUNK]
    waits = [anomaly(f"{host}/hca", WAITED, 202) for host in BUSY]
    waits += [anomaly(f"{leaf}/{k}", WAITED, 202) for leaf in LEAVES for k in range(EACH - 1)]
    (incident,) = last(graph, [*trunk, *waits], 230)

    assert set(incident.causes[0].ends) == set(TRUNK)
    assert incident.folded == len(trunk) + len(waits)


@pytest.mark.parametrize("then_s", [120, 600])
def test_a_link_that_has_been_bad_for_long_is_not_why_hundreds_wait_now(then_s):
    leaves, each = [f"LEAF{i}" for i in range(1, 13)], 36
    many, troubles = build([fabric(leaves, each)])
    assert not troubles
    old, trunk = "LEAF1/0", ("LEAF5/up", "CORE/5")
    events = [anomaly(old, SYMBOLS, 0), anomaly(trunk[0], SYMBOLS, then_s)]
    waits = [f"{leaf}/{k}" for leaf in leaves for k in range(1, each - 1)]
    waits += [f"{host}/hca" for leaf in leaves for host in hosts(leaf, each)[1:-1]]
    events += [anomaly(name, WAITED, then_s + 2) for name in waits]
    found = {
        incident.causes[0].ends: incident.folded for incident in last(many, events, then_s + 30)
    }

    assert {frozenset(ends): folded for ends, folded in found.items() if old not in ends} == {
        frozenset(trunk): len(waits) + 1
    }
    assert [folded for ends, folded in found.items() if old in ends] == [1]


def test_of_those_that_show_nothing_of_a_fault_few_are_weighed(graph, monkeypatch):
    names = [f"{host}/gpu" for leaf in LEAVES for host in hosts(leaf)]
    events = [anomaly(name, "DCGM_FI_PROF_SM_ACTIVE", 0, up=False) for name in names]
    asks, told = reasoner(graph), known(graph, events, 10)

    def weighed():
        found = candidates(graph, asks.site, asks.tables, told)
        says = asks.tables.keys[graph.kinds[found.asset], found.fault]
        is_mute = says.any(1) & (says[:, told.says[0]] == 0.0) & np.isin(found.asset, told.asset)
        return np.count_nonzero(is_mute)

    assert among.MOST_MUTE >= weighed() > 5
    monkeypatch.setattr(among, "MOST_MUTE", 5)
    assert weighed() == 5


def test_the_link_that_waits_first_is_weighed_before_those_that_wait_more(graph, monkeypatch):
    first = ("LEAF2/0", "LEAF2-host0/hca")
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    events = [anomaly(first[0], WAITED, 0, score=8.0, **at)]
    events += [
        anomaly(name, WAITED, 25, score=30.0, **at)
        for name in graph.names
        if name.startswith("LEAF") and name.endswith(("/hca", "/0", "/1", "/2", "/3", "/up"))
        if name != first[0]
    ]
    asks, told = reasoner(graph), known(graph, events, 60)
    monkeypatch.setattr(among, "MOST_LINKS", 1)
    found = candidates(graph, asks.site, asks.tables, told)
    (link_,) = np.flatnonzero(found.other >= 0).tolist()

    assert {graph.names[found.asset[link_]], graph.names[found.other[link_]]} == set(first)


@pytest.mark.parametrize("passed_s", [-1.0, 0.0, 3.0, 40.0, 900.0])
def test_what_is_still_to_come_of_many_is_as_of_each(passed_s):
    rng, delays = np.random.default_rng(1), Delays()
    waves, kinds = rng.integers(0, len(Wave), 50), rng.integers(0, 5, 50)
    after_s = rng.uniform(0.0, 300.0, 50)
    for wave, kind in zip(waves[:20].tolist(), kinds[:20].tolist(), strict=True):
        delays.reached((wave, kind), 10.0, 35.0)
    many = delays.pending(waves, kinds, after_s, passed_s)

    assert ((many >= 0.0) & (many <= 1.0)).all()
    assert (delays.pending(waves, kinds, after_s, passed_s + 10.0) <= many).all()
    assert later(3.0, 1.0, np.exp(3.0)) == pytest.approx(0.5)
    for at in range(50):
        one = slice(at, at + 1)
        alone = delays.pending(waves[one], kinds[one], after_s[one], passed_s)
        assert alone.tolist() == many[one].tolist()
