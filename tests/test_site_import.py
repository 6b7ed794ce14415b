from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_texts import DSX, IBNETDISCOVER, SLURM, SMI, TABLE
from sites import assets, edge

from models.site import build
from schemas.cascade import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium, Pattern
from schemas.cascade.trouble import Flaw
from schemas.sites import dsx, ibnetdiscover, printed, slurm, smi, table
from schemas.sites.hostlist import NoHostlist, TooMany, expanded

IMPORTERS = {
    "slurm": (slurm, SLURM),
    "ibnetdiscover": (ibnetdiscover, IBNETDISCOVER),
    "smi": (partial(smi, host="node-01"), SMI),
    "dsx": (dsx, DSX),
    "table": (table, TABLE),
}
CALM = settings(deadline=None, max_examples=60)
every = pytest.mark.parametrize("name", IMPORTERS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def links(imported):
    return {
        (e.source, e.target, e.medium, e.capacity)
        for e in imported.inventory.edges
        if e.kind is EdgeKind.LINKS
    }


def kinds(imported):
    return {a.name: a.kind.value for a in imported.inventory.assets}


def lines(imported):
    return [(t.flaw.value, t.line) for t in imported.troubles]


@every
@CALM
@given(data=st.binary(max_size=200) | st.text(st.characters(), max_size=200))
def test_no_importer_raises_on_anything(name, data):
    importer, _ = IMPORTERS[name]

    build([importer(data).inventory])


@every
@CALM
@given(data=st.data())
def test_no_importer_raises_on_a_text_that_is_damaged(name, data):
    importer, text = IMPORTERS[name]
    whole = text.encode()
    at = data.draw(st.integers(0, len(whole)))
    gone = data.draw(st.integers(0, 40))
    put = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b"[", b"\n", b",", b"\x00"]))

    build([importer(whole[:at] + put + whole[at + gone :]).inventory])


@every
def test_bytes_and_text_any_line_ends_and_a_byte_order_mark_read_the_same(name):
    importer, text = IMPORTERS[name]
    unix = text.replace("\r\n", "\n").removeprefix("\ufeff")
    read = importer(unix)

    assert importer(unix.encode()) == read
    assert importer(("\ufeff" + unix).encode()) == read
    assert importer(unix.replace("\n", "\r\n")).inventory == read.inventory


@every
def test_what_is_imported_stands_as_a_graph_but_for_ends_that_are_unknown(name):
    importer, text = IMPORTERS[name]
    _, troubles = build([importer(text).inventory])

    assert {trouble.flaw for trouble in troubles} <= {Flaw.UNKNOWN_ASSET}


def test_slurm_switches_link_to_switches_and_nodes():
    found = slurm(SLURM)

    assert {n: k for n, k in kinds(found).items() if k == "switch"} == dict.fromkeys(
        ["leaf-1", "leaf-2", "spine-1", "spine-2", "broken", "huge"], "switch"
    )
    assert ("leaf-1", "node010", None, 5e10) in links(found)
    assert ("leaf-2", "r2n08", None, None) in links(found)
    assert {(a, b) for a, b, *_ in links(found) if b.startswith("spine")} == {
        (f"leaf-{i}", f"spine-{j}") for i in (1, 2) for j in (1, 2)
    }
    assert lines(found) == [("unreadable", 9), ("unreadable", 10), ("bomb", 11)]


def test_slurm_blocks_are_places_that_contain_their_nodes():
    found = slurm("BlockName=b1 Nodes=gb[01-02]\nBlockSizes=18\nBlockName=b2")

    assert kinds(found) == {"b1": "place", "b2": "place", "gb01": "node", "gb02": "node"}
    assert [(e.kind.value, e.source, e.target) for e in found.inventory.edges] == [
        ("contains", "b1", "gb01"),
        ("contains", "b1", "gb02"),
    ]
    assert not found.troubles


def test_many_large_lists_are_refused_together():
    one = "SwitchName=s Nodes=n[1-300]"
    many = "SwitchName=s[1-999] Nodes=n[1-2000]"

    assert lines(slurm(f"{one}\n{many}")) == [("bomb", 2)]
    assert len(links(slurm(f"{one}\n{many}"))) == 300


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("node1", ["node1"]),
        ("a,b", ["a", "b"]),
        ("n[08-10,7]x", ["n08x", "n09x", "n10x", "n7x"]),
        ("r[1-2]n[1,3]", ["r1n1", "r1n3", "r2n1", "r2n3"]),
        ("n[a,b]", ["na", "nb"]),
    ],
)
def test_hostlists_are_expanded(text, names):
    assert expanded(text) == names


@pytest.mark.parametrize(
    "text", ["", ",", "a,", "n[", "n]", "n[]", "n[3-1]", "n[1-]", "n[[1]]", "n[1,,2]"]
)
def test_what_is_no_hostlist_is_refused(text):
    with pytest.raises(NoHostlist):
        expanded(text)


@pytest.mark.parametrize("text", ["n[0-1000000]", "n[1-2000]m[1-2000]", "n[0-999999999999999999]"])
def test_a_hostlist_of_too_many_names_is_refused_at_once(text):
    with pytest.raises(TooMany):
        expanded(text)


def test_ibnetdiscover_tells_ports_links_and_rates():
    found = ibnetdiscover(IBNETDISCOVER)

    assert ("leaf-1/p1", "node-01/mlx5_0/p1", Medium.INFINIBAND, 5e10) in links(found)
    assert ("leaf-1/p33", "spine-1/p1", Medium.INFINIBAND, 5e10) in links(found)
    assert len(links(found)) == 4
    assert kinds(found)["node-01"] == "node"
    assert kinds(found)["leaf-1/p1"] == "port"
    assert kinds(found)["node-01/mlx5_0/p1"] == "nic"


def test_ibnetdiscover_calls_by_guid_what_its_description_does_not_name():
    found = ibnetdiscover(IBNETDISCOVER)
    named = {a.name: a.aliases for a in found.inventory.assets}

    assert named["leaf-1"] == ("0xfc6a1c0300a1b2c0",)
    assert "0xfc6a1c0300a1b2c8" in named  # an aggregation node
    assert ("0xb83fd20300f172b0/p1", "leaf-1/p2", Medium.INFINIBAND, 2.5e10) in links(found)
    assert lines(found) == [("two_assets", 39), ("unreadable", 41), ("unknown_asset", 22)]


def test_a_fabric_joins_its_switch_to_its_node_in_the_graph():
    graph, troubles = build([ibnetdiscover(IBNETDISCOVER).inventory])

    assert not troubles
    assert graph.place("0xfc6a1c0300a1b2c0/p1") == graph.place("leaf-1/p1")
    assert {"leaf-1/p1"} < {one.name for one in graph.neighbours("node-01/mlx5_0/p1")}
    assert {one.name for one in graph.neighbours("node-01")} == {"node-01/mlx5_0"}


def test_nvidia_smi_tells_nvlinks_and_near_nics():
    found = smi(SMI, "node-01")

    assert kinds(found) == {
        "node-01": "node",
        "node-01/gpu0": "gpu",
        "node-01/gpu1": "gpu",
        "node-01/gpu2": "gpu",
        "node-01/mlx5_0": "nic",
        "node-01/mlx5_bond_0": "nic",
    }
    assert links(found) == {
        *(
            (f"node-01/gpu{a}", f"node-01/gpu{b}", Medium.NVLINK, None)
            for a, b in ((0, 1), (0, 2), (1, 2))
        ),
        *(
            (f"node-01/gpu{g}", f"node-01/{nic}", Medium.PCIE, None)
            for g, nic in ((0, "mlx5_0"), (1, "mlx5_0"), (2, "mlx5_bond_0"))
        ),
    }
    assert lines(found) == [("unreadable", 7)]


def test_metadata_of_the_bms_tells_who_feeds_and_who_cools():
    found = dsx(DSX)
    graph, troubles = build([found.inventory])

    assert [graph.say(i) for i in range(graph.edges)] == [
        "site1/elec/ups01 feeds site1/elec/powermeter1",
        "site1/elec/powermeter1 feeds site1/row3/rack05",
        "site1/elec/powermeter1 feeds site1/row3/cdu01",
        "site1/row3/cdu01 cools site1/row3/rack05",
        "site1/row3/rack05 contains site1/row3/rack05/sensor1",
    ]
    assert graph.kind_of("R05") is AssetKind.RACK
    assert graph.kind_of("pump 7") is AssetKind.PUMP
    assert not troubles
    assert lines(found) == [("misfit", 6), ("unreadable", 8), ("unreadable", 9)]


def test_a_table_is_read_in_any_order_of_columns_with_aliases_and_semicolons():
    found = table(TABLE)

    assert found.inventory.assets == (
        Asset(name="ups-1", kind=AssetKind.UPS),
        Asset(name="pdu-1", kind=AssetKind.PDU, aliases=("PDU-A", "10.0.0.3")),
        Asset(name="a; b"),
    )
    assert found.inventory.edges == (edge("feeds", "ups-1", "PDU-A", capacity=2.5e5),)
    assert lines(found) == [("unreadable", 5), ("unreadable", 10), ("unreadable", 11)]
    assert table("target,kind,source\nb,feeds,a").inventory.edges == (edge("feeds", "a", "b"),)
    assert lines(table("ups-1,ups\n")) == [("unreadable", 1)]


@CALM
@given(
    assets=st.lists(
        st.builds(
            Asset, name=TEXTS, kind=st.sampled_from(AssetKind), aliases=st.lists(TEXTS, max_size=3)
        ),
        unique_by=lambda asset: asset.name,
        max_size=6,
    ),
    edges=st.lists(
        st.builds(
            Edge,
            kind=st.sampled_from(EdgeKind),
            source=TEXTS,
            target=TEXTS,
            medium=st.none() | st.sampled_from(Medium),
            capacity=st.none() | st.floats(0, exclude_min=True, allow_nan=False),
            pattern=st.none() | st.sampled_from(Pattern),
        ),
        max_size=6,
    ),
)
def test_a_printed_table_is_read_as_it_was(assets, edges):
    site = Inventory(site="s", part="table", assets=assets, edges=edges)

    read = table(printed(site), "s")

    assert not read.troubles
    assert read.inventory == site


def test_the_words_of_a_trouble_name_line_and_asset():
    told = [str(trouble) for trouble in dsx(DSX).troubles]

    assert told[0] == (
        "line 6: site1/bms1, site1/bms1 serves R05: misfit: a System neither feeds nor cools"
    )


def test_one_asset_of_two_kinds_is_told():
    found = slurm("SwitchName=a Nodes=b\nSwitchName=b Nodes=c")

    assert lines(found) == [("two_kinds", 2)]
    assert kinds(found) == {"a": "switch", "b": "node", "c": "node"}
    assert len(assets("switch", "a")) == 1
