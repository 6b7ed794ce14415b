import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sites import PARTS

import models.site
from models.site import EDGE_KINDS, MEDIUMS, PATTERNS, build
from models.site.circles import closing
from models.site.graph import ways
from schemas.cascade import Asset, Edge, Inventory, Medium
from schemas.cascade.site_rows import AssetRow, EdgeRow, Rows, decode, encode

CALM = settings(deadline=None, max_examples=60)  # the first call compiles


@CALM
@given(parts=PARTS)
def test_the_quick_rows_make_the_same_graph_and_the_same_troubles(parts):
    finite = json.loads(
        json.dumps([p.model_dump(mode="json") for p in parts]).replace("Infinity", "1e300")
    )
    rows = [decode(json.dumps(part).encode()) for part in finite]
    words = [Inventory.model_validate(part) for part in finite]

    quick, troubles = build(rows)
    slow, same = build(words)

    assert troubles == same
    assert quick.names == slow.names
    for name in ("start", "to", "how", "edge", "kinds", "medium", "capacity", "pattern"):
        assert np.array_equal(getattr(quick, name), getattr(slow, name), equal_nan=True)


@CALM
@given(parts=PARTS, data=st.data())
def test_who_is_around_many_is_who_is_around_any_of_them_once(parts, data):
    graph, _ = build(parts)
    places = data.draw(st.lists(st.integers(0, max(len(graph) - 1, 0)), max_size=2 * len(graph)))
    how = data.draw(st.integers(0, 2 * len(EDGE_KINDS) - 1))

    around = graph.around(np.array(places, np.int64), how)

    assert around.tolist() == sorted({one for place in places for one in graph.over(place, how)})


@pytest.mark.parametrize(
    ("row", "model"),
    [
        (AssetRow, Asset),
        (EdgeRow, Edge),
        (Rows, Inventory),
    ],
)
def test_rows_have_the_words_of_the_schema(row, model):
    assert [f.name for f in msgspec.structs.fields(row)] == list(model.model_fields)


@pytest.mark.parametrize(
    "bad",
    [
        {"assets": []},
        {"site": ""},
        {"site": "s", "assets": [{"name": ""}]},
        {"site": "s", "part": "p" * 201},
        {"site": "s", "assets": [{"name": "n" * 250}]},
        {"site": "s", "assets": [{"name": "a", "kind": "robot"}]},
        {"site": "s", "other": 1},
        {"site": "s", "edges": [{"kind": "feeds", "source": "a", "target": "b", "capacity": 0}]},
    ],
)
def test_rows_refuse_what_the_schema_refuses(bad):
    with pytest.raises(ValidationError):
        Inventory.model_validate(bad)
    with pytest.raises(msgspec.ValidationError):
        decode(encode(bad))


@CALM
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_edges_that_close_circles_are_as_many_as_it_takes(pairs):
    both = np.array(pairs, np.int32).reshape(-1, 2)
    found = closing(7, both[:, 0], both[:, 1])
    rest = np.delete(both, found, axis=0)

    assert not closing(7, rest[:, 0], rest[:, 1]).size
    for one in found:
        kept = np.vstack([rest, both[one]])
        assert closing(7, kept[:, 0], kept[:, 1]).size


def test_a_chain_of_any_length_is_walked_without_recursion():
    n = 200_000
    chain = np.arange(n, dtype=np.int32)

    assert closing(n, chain, np.roll(chain, -1)).tolist() == [n - 1]


@CALM
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4)), max_size=20))
def test_ways_are_those_of_a_plain_loop(edges):
    source, target, kind = np.array(edges, np.int32).reshape(-1, 3).T
    both = ways(7, source, target, kind.astype(np.uint8))
    plain = [[] for _ in range(7)]
    for against in (0, 1):
        for i, (s, t, k) in enumerate(edges):
            plain[t if against else s].append((s if against else t, 2 * k + against, i))

    for asset in range(7):
        rows = slice(both.start[asset], both.start[asset + 1])
        found = zip(both.to[rows], both.how[rows], both.edge[rows], strict=True)
        assert [tuple(map(int, one)) for one in found] == plain[asset]


def test_every_code_is_the_place_of_its_word():
    words = {
        EDGE_KINDS: "FEEDS COOLS LINKS CONTAINS RUNS",
        MEDIUMS[1:]: "NVLINK INFINIBAND PCIE ETHERNET OTHER_MEDIUM",
        PATTERNS: "RING TREE ALL_TO_ALL PIPELINE INDEPENDENT UNKNOWN_PATTERN",
    }
    for members, names in words.items():
        for member, name in zip(members, names.split(), strict=True):
            offset = 1 if isinstance(member, Medium) else 0
            assert getattr(models.site, name) == members.index(member) + offset
            assert name in {member.name, f"{member.name}_MEDIUM", f"{member.name}_PATTERN"}
