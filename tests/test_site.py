from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from sites import PARTS, assets, edge, site

from models.site import (
    CONTAINS,
    EDGE_KINDS,
    FEEDS,
    INFINIBAND,
    LINKS,
    MEDIUMS,
    PATTERNS,
    RING,
    RUNS,
    UNKNOWN_PATTERN,
    build,
)
from models.site.circles import closing
from schemas.cascade import Asset, AssetKind, EdgeKind, Medium, Pattern
from schemas.cascade.trouble import Flaw

CALM = settings(deadline=None, max_examples=60)  # the first call compiles
GPU, NODE, UPS, PDU, JOB = (AssetKind(k) for k in ("gpu", "node", "ups", "pdu", "job"))


def flaws(parts):
    return [trouble.flaw for trouble in build(parts)[1]]


def one_flaw(*parts):
    """Return the graph and the only trouble."""
    graph, (trouble,) = build(parts)
    return graph, trouble


@CALM
@given(parts=PARTS)
def test_whatever_is_told_there_is_a_graph_whose_arrays_agree(parts):
    graph, troubles = build(parts)
    n, m = len(graph), graph.edges

    assert graph.start[0] == 0
    assert graph.start[-1] == 2 * m
    assert np.all(np.diff(graph.start) >= 0)
    assert graph.start.shape == (n + 1,)
    for name, dtype in (("to", "i4"), ("how", "u1"), ("edge", "i4")):
        assert (getattr(graph, name).dtype, getattr(graph, name).shape) == (dtype, (2 * m,))
    columns = {"source": "i4", "target": "i4", "kind": "u1", "medium": "u1", "pattern": "u1"}
    for name, dtype in {**columns, "capacity": "f8"}.items():
        assert (getattr(graph, name).dtype, getattr(graph, name).shape) == (dtype, (m,))
    assert graph.kinds.dtype == np.uint8
    assert all(str(trouble) and "\n" not in str(trouble) for trouble in troubles)


@CALM
@given(parts=PARTS)
def test_every_edge_is_walked_once_each_way(parts):
    graph, _ = build(parts)

    here = np.repeat(np.arange(len(graph)), np.diff(graph.start))
    against = graph.how % 2 == 1
    assert np.array_equal(graph.kind[graph.edge], graph.how // 2)
    ends = graph.source[graph.edge], graph.target[graph.edge]
    assert np.array_equal(here, np.where(against, *ends[::-1]))
    assert np.array_equal(graph.to, np.where(against, *ends))
    assert all(count == 2 for count in Counter(graph.edge.tolist()).values())


@CALM
@given(parts=PARTS)
def test_power_and_parts_go_in_no_circle(parts):
    graph, _ = build(parts)

    for kind in (FEEDS, CONTAINS):
        rows = graph.kind == kind
        assert not closing(len(graph), graph.source[rows], graph.target[rows]).size


@CALM
@given(parts=PARTS)
def test_the_order_of_parts_changes_neither_assets_nor_who_contains_whom(parts):
    graph, _ = build(parts)
    other, _ = build(parts[::-1])

    assert set(graph.names) == set(other.names)


@CALM
@given(parts=PARTS)
def test_every_edge_stands_or_its_loss_is_told(parts):
    graph, troubles = build(parts)
    stands = {(EDGE_KINDS[graph.kind[i]], *graph.ends(i)) for i in range(graph.edges)}
    lost = {trouble.edge for trouble in troubles}

    for told in (told for part in parts for told in part.edges):
        source, target = (
            graph.names[graph.index[one]] if one in graph.index else one
            for one in (told.source, told.target)
        )
        ways = [(told.kind, source, target)]
        ways += [(told.kind, target, source)] * (told.kind is EdgeKind.LINKS)
        said = {f"{told.source} {told.kind} {told.target}", f"{source} {told.kind} {target}"}
        assert stands & set(ways) or lost & said


@CALM
@given(parts=PARTS)
def test_telling_all_twice_changes_nothing(parts):
    once, _ = build(parts)
    twice, _ = build([*parts, *parts])

    assert twice.names == once.names
    assert np.array_equal(twice.source, once.source)
    assert np.array_equal(twice.capacity, once.capacity, equal_nan=True)
    assert np.array_equal(twice.pattern, once.pattern)


def test_a_path_contains_what_stands_below_it_and_no_parent_is_invented():
    graph, troubles = build([site(assets(GPU, "n/x/gpu0", "m/gpu0") + assets(NODE, "n"))])

    assert not troubles
    assert [graph.say(i) for i in range(graph.edges)] == ["n contains n/x/gpu0"]
    assert "m" not in graph.index


def test_an_alias_is_its_asset_in_edges_and_in_paths():
    host = Asset(name="node-01", kind=NODE, aliases=("10.0.0.1", "host-a"))
    gpu = Asset(name="host-a/gpu0", kind=GPU)
    graph, troubles = build(
        [site([host, gpu, *assets(PDU, "pdu")], [edge("feeds", "pdu", "10.0.0.1")])]
    )

    assert not troubles
    assert [graph.say(i) for i in range(graph.edges)] == [
        "pdu feeds node-01",
        "node-01 contains host-a/gpu0",
    ]
    assert graph.place("10.0.0.1") == graph.place("node-01") == 0
    assert graph.kind_of("host-a") is NODE


def test_neighbours_are_seen_from_both_ends():
    graph, _ = build([site(assets(UPS, "u") + assets(PDU, "p"), [edge("feeds", "u", "p")])])

    assert list(graph.neighbours("u")) == [("p", EdgeKind.FEEDS, False, 0)]
    assert list(graph.neighbours("p")) == [("u", EdgeKind.FEEDS, True, 0)]
    assert graph.how.tolist() == [2 * FEEDS, 2 * FEEDS + 1]


def test_codes_are_the_order_of_the_words():
    graph, _ = build(
        [
            site(
                assets(NODE, "a", "b") + assets(JOB, "j"),
                [
                    edge("links", "a", "b", medium="infiniband", capacity=5e10),
                    edge("runs", "j", "a", pattern="ring"),
                ],
            )
        ]
    )

    assert (graph.kind.tolist(), graph.medium.tolist()) == ([LINKS, RUNS], [INFINIBAND, 0])
    assert graph.pattern.tolist() == [UNKNOWN_PATTERN, RING]
    assert MEDIUMS[INFINIBAND] is Medium.INFINIBAND
    assert (PATTERNS[RING], PATTERNS[UNKNOWN_PATTERN]) == (Pattern.RING, Pattern.UNKNOWN)


def test_an_edge_to_an_unknown_asset_is_left_out_and_names_it():
    graph, trouble = one_flaw(site(assets(UPS, "u"), [edge("feeds", "u", "pdu-9")]))

    assert graph.edges == 0
    assert str(trouble) == "pdu-9, u feeds pdu-9: unknown asset"


def test_power_in_a_circle_loses_the_edge_that_closes_it():
    ring = [edge("feeds", a, b) for a, b in ("ab", "bc", "ca")]
    graph, trouble = one_flaw(site(assets(PDU, *"abc"), ring))

    assert [graph.say(i) for i in range(graph.edges)] == ["a feeds b", "b feeds c"]
    assert str(trouble) == "c, c feeds a: cycle: a leads to c already"


def test_a_stated_part_above_its_own_path_is_a_circle():
    told = site(assets(NODE, "n") + assets(GPU, "n/g"), [edge("contains", "n/g", "n")])

    assert flaws([told]) == [Flaw.CYCLE]


def test_cooling_may_go_in_a_circle():
    loop = [edge("cools", a, b) for a, b in ("ab", "ba")]

    assert flaws([site(assets(AssetKind.PUMP, *"ab"), loop)]) == []


@pytest.mark.parametrize(
    ("parts", "flaw"),
    [
        ([site(assets(UPS, "a") + assets(PDU, "a"))], Flaw.TWO_KINDS),
        ([site(assets(UPS, "a"), [edge("feeds", "a", "a")])], Flaw.SELF_EDGE),
        ([site(assets(UPS, "a", "b", aliases=("x",)))], Flaw.TWO_ASSETS),
        ([site(assets(UPS, "a", aliases=("b",)) + assets(UPS, "b"))], Flaw.TWO_ASSETS),
        ([site(assets(NODE, "a", "b"), [edge("runs", "a", "b")])], Flaw.MISFIT),
        (
            [site(assets(JOB, "j") + assets(AssetKind.PORT, "p"), [edge("runs", "j", "p")])],
            Flaw.MISFIT,
        ),
        ([site(assets(JOB, "j") + assets(NODE, "n"), [edge("links", "j", "n")])], Flaw.MISFIT),
        ([site(assets(UPS, "a", "b"), [edge("feeds", "a", "b", medium="pcie")])], Flaw.OF_NO_USE),
        ([site(assets(UPS, "a", "b"), [edge("cools", "a", "b", capacity=3)])], Flaw.OF_NO_USE),
        ([site(assets(UPS, "a", "b"), [edge("feeds", "a", "b", pattern="ring")])], Flaw.OF_NO_USE),
        (
            [
                site(
                    assets(JOB, "a") + assets(NODE, "b"),
                    [edge("runs", "a", "b", pattern=p) for p in ("tree", "ring")],
                )
            ],
            Flaw.TWO_PATTERNS,
        ),
    ],
)
def test_each_flaw_is_told_once(parts, flaw):
    assert flaws(parts) == [flaw]


def test_a_link_told_from_both_ends_is_one_with_the_smaller_capacity():
    graph, trouble = one_flaw(
        site(
            assets(NODE, "a", "b"),
            [
                edge("links", "a", "b", medium="infiniband", capacity=5e10),
                edge("links", "b", "a", medium="infiniband", capacity=2.5e10),
                edge("links", "b", "a"),
            ],
        )
    )

    assert graph.capacity.tolist() == [2.5e10]
    assert graph.ends(0) == ("a", "b")
    assert str(trouble) == "a, a links b: two capacities: 2.5e+10 and 5e+10; taken as 2.5e+10"


def test_links_of_two_mediums_are_two():
    graph, troubles = build(
        [
            site(
                assets(GPU, "a", "b"),
                [
                    edge("links", "a", "b", medium="nvlink"),
                    edge("links", "a", "b", medium="pcie"),
                ],
            )
        ]
    )

    assert (graph.edges, troubles) == (2, ())


def test_a_kind_told_later_replaces_none():
    graph, troubles = build([site(assets(AssetKind.OTHER, "a")), site(assets(GPU, "a"))])

    assert (graph.kind_of("a"), troubles) == (GPU, ())
