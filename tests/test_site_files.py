import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from site_texts import IBNETDISCOVER, SLURM
from sites import PARTS

from models.simulate import Plant
from models.site import build
from models.site.cut import left_over, messages, nothing, piece, rows_of
from models.site.fold import unfolded
from schemas.cascade import AssetKind, EdgeKind, Inventory
from schemas.cascade.site_rows import AssetRow, EdgeRow, Rows, decode
from schemas.sites import ibnetdiscover, slurm
from streams import site_files
from streams.cli.site_print import printed
from streams.configuration import load, problems
from streams.errors import ConfigError

CALM = settings(deadline=None, max_examples=60)


def read(folder, text, name="site.yaml"):
    """Read a file of this text."""
    file = folder / name
    file.write_text(text)
    return site_files.read(file, "here")


def complaint(folder, text, name="site.yaml"):
    with pytest.raises(ConfigError) as told:
        read(folder, text, name)
    return str(told.value).replace(str(folder), "")


def rows(assets=(), edges=(), part="p"):
    return Rows("s", part, tuple(assets), tuple(edges))


@CALM
@given(parts=PARTS, most=st.sampled_from([6_600, 7_000, 900_000]))
def test_pieces_together_are_the_part_and_each_fits_its_message(parts, most):
    for part in parts:
        told = rows_of("s", part.part, part)
        cut = [(key, decode(value)) for key, value in messages(told, most)]

        assert [key for key, _ in cut] == [f"s/{piece(part.part, i + 1)}" for i in range(len(cut))]
        assert tuple(one for _, some in cut for one in some.assets) == told.assets
        assert tuple(one for _, some in cut for one in some.edges)[:99] == tuple(
            msgspec.structs.replace(
                one, capacity=None if one.capacity == float("inf") else one.capacity
            )
            for one in told.edges
        )
        assert all(len(value) <= most for _, value in messages(told, most))


def test_a_large_part_is_cut_below_the_broker_s_limit():
    large = rows(AssetRow("\x00" * 240 + str(i)) for i in range(3_000))
    cut = list(messages(large))

    assert [key for key, _ in cut] == ["s/p", *(f"s/p/{i}" for i in range(2, len(cut) + 1))]
    assert len(cut) > 4
    assert all(len(value) < 900_000 for _, value in cut)


def test_what_is_published_is_an_inventory():
    ((key, value),) = messages(rows([AssetRow("a", AssetKind.GPU, ("b",))], part=""))

    assert key == "s/"
    assert Inventory.model_validate_json(value).assets[0].aliases == ("b",)
    assert Inventory.model_validate_json(nothing("s/p/2")) == Inventory(site="s", part="p/2")


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("s/p", False),
        ("s/p/2", False),
        ("s/p/3", True),
        ("s/p/x", False),
        ("s/q/3", False),
        ("t/p/3", False),
        ("s/p/q/3", False),
        ("", False),
    ],
)
def test_only_pieces_beyond_the_last_are_left_over(key, left):
    assert left_over(key, "s", "p", 2) is left


def test_folded_names_stand_for_many():
    told, troubles = unfolded(
        rows(
            [AssetRow("n{08..10}", AssetKind.NODE, ("10.0.0.{1..3}",)), AssetRow("plain")],
            [
                EdgeRow(EdgeKind.FEEDS, "plain", "n{08..09}"),
                EdgeRow(EdgeKind.LINKS, "n{08..09}", "n{09..10}"),
                EdgeRow(EdgeKind.CONTAINS, "n{08..09}", "n{08..09}/g{0..1}"),
                EdgeRow(EdgeKind.FEEDS, "n{08..09}/g{0..1}", "n{08..09}"),
            ],
        )
    )

    assert [(one.name, one.aliases) for one in told.assets] == [
        ("n08", ("10.0.0.1",)),
        ("n09", ("10.0.0.2",)),
        ("n10", ("10.0.0.3",)),
        ("plain", ()),
    ]
    assert [f"{one.source} {one.target}" for one in told.edges] == [
        "plain n08",
        "plain n09",
        "n08 n09",
        "n09 n10",
        "n08 n08/g0",
        "n08 n08/g1",
        "n09 n09/g0",
        "n09 n09/g1",
        "n08/g0 n08",
        "n08/g1 n08",
        "n09/g0 n09",
        "n09/g1 n09",
    ]
    assert not troubles


@pytest.mark.parametrize(
    ("told", "flaw"),
    [
        (rows([AssetRow("n{1..9999999}")]), "bomb"),
        (rows([AssetRow("n{1..3}", aliases=("a{1..2}",))]), "unreadable"),
        (rows([AssetRow("n{3..1}")]), "unreadable"),
        (rows(edges=[EdgeRow(EdgeKind.FEEDS, "a{1..2}", "b{1..3}")]), "unreadable"),
        (rows(edges=[EdgeRow(EdgeKind.FEEDS, "a{1..9999}", "b{1..9999}{1..9999}")]), "bomb"),
        (rows(edges=[EdgeRow(EdgeKind.FEEDS, "a{2..1}", "b")]), "unreadable"),
    ],
)
def test_what_cannot_be_unfolded_is_told_and_left_out(told, flaw):
    left, (trouble,) = unfolded(told)

    assert (left.assets, left.edges) == ((), ())
    assert trouble.flaw == flaw


def test_a_file_for_people_may_leave_out_site_and_part_and_say_numbers_their_way(tmp_path):
    told, troubles = read(
        tmp_path,
        "assets:\n- name: a\n- name: b\nedges:\n"
        "- {kind: links, source: a, target: b, capacity: 5e10}\n",
    )

    assert (told.site, told.part) == ("here", "site")
    assert told.edges[0].capacity == 5e10
    assert not troubles


@pytest.mark.parametrize(
    ("text", "trouble", "mend"),
    [
        ("assets:\n- {name: a}\n- {name: 7}\n", "Expected `str`, got `int` (FILE, line 3)", ""),
        ("assets:\n- {kind: robot, name: a}\n", "Invalid enum value 'robot' (FILE, line 2)", ""),
        (
            "edges:\n- {kind: feeds, source: a}\n",
            "Object missing required field `target` (FILE, line 2)",
            "",
        ),
        ("edge: []\n", "Object contains unknown field `edge` (FILE, line 1)", ""),
        (
            "assets: [\n",
            "line 2, column 1: expected the node content, but found '<stream end>'",
            "correct the path or the file",
        ),
    ],
)
def test_a_wrong_file_is_told_in_one_line_with_its_place(tmp_path, text, trouble, mend):
    said = f"site.file='/site.yaml': {trouble}; {mend or 'correct it there'}"

    assert complaint(tmp_path, text) == said.replace("FILE", "/site.yaml")


def test_a_wrong_json_file_is_told_by_the_way_to_it(tmp_path):
    said = complaint(tmp_path, '{"site": "s", "assets": [{"name": 1}]}', "a.json")

    assert said == (
        "site.file='/a.json': Expected `str`, got `int` - at `$.assets[0].name`; correct it there"
    )


def test_a_file_that_is_not_there_is_told(tmp_path):
    for name in ("x.json", "x.yaml"):
        with pytest.raises(ConfigError, match="cannot be read: No such file"):
            site_files.read(tmp_path / name, "s")


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 200_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000),
        *("edges: [{}]\nedges: []\n", "- a\n", "a", "? [a]\n: b\n", "<<: [{a: 1}]\n", "\t"),
    ],
    ids=range(10),
)
def test_what_is_nested_without_end_doubled_or_no_mapping_is_told(tmp_path, text):
    assert "\n" not in complaint(tmp_path, text)


@CALM
@given(data=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_told(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    for name in ("any.yaml", "any.json"):
        (folder / name).write_bytes(data)
        with suppress(ConfigError):
            build([site_files.read(folder / name, "s")[0]])


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".csv"])
@CALM
@given(parts=PARTS)
def test_a_printed_site_is_read_as_it_was(tmp_path_factory, suffix, parts):
    file = tmp_path_factory.getbasetemp() / f"printed{suffix}"
    for part in parts:
        file.write_bytes(printed(part, suffix).encode())
        told = rows_of(part.site, part.part, part)

        again, troubles = site_files.read(file, "other")

        assert not troubles
        if suffix == ".csv":
            assert {one.name for one in again.assets} == {one.name for one in told.assets}
            continue
        assert (again.site, again.part, again.assets) == (told.site, told.part, told.assets)
        if suffix == ".yaml":
            assert again.edges == told.edges


@pytest.mark.parametrize(("importer", "text"), [(slurm, SLURM), (ibnetdiscover, IBNETDISCOVER)])
def test_an_imported_site_is_printed_and_makes_the_same_graph(tmp_path, importer, text):
    found = importer(text).inventory
    told, _ = read(tmp_path, printed(found, ".yaml"))

    assert build([told])[0].names == build([found])[0].names
    assert build([told])[0].edges == build([found])[0].edges


def test_a_start_stops_at_a_site_of_which_something_is_left_out(tmp_path):
    (tmp_path / "site.yaml").write_text(
        "assets: [{name: ups-1, kind: ups}]\n"
        "edges: [{kind: feeds, source: ups-1, target: pdu-9}, "
        "{kind: feeds, source: ups-1, target: ups-1}]\n"
    )
    file = tmp_path / "settings.yaml"
    file.write_text(f"site:\n  file: {tmp_path}/site.yaml\n")

    with pytest.raises(ConfigError) as told:
        load(file, {})

    assert str(told.value) == (
        f"site.file='{tmp_path}/site.yaml': pdu-9, ups-1 feeds pdu-9: unknown asset "
        f"({file}, line 2); correct it there"
    )
    assert len(problems(file, {})) == 2
    (tmp_path / "site.yaml").write_text("assets: [{name: a, kind: ups}, {name: a, kind: pdu}]\n")
    assert problems(file, {}) == []


def test_the_site_file_is_the_simulated_plant_edge_by_edge(request):
    told, troubles = site_files.read(request.config.rootpath / "deploy/site.yaml", "s")
    graph, more = build([told])
    plant, _ = build(Plant().site("s"))

    assert (troubles, more) == ((), ())
    assert _told(graph) == _told(plant)


def _told(graph):
    """Return all assets and edges of a graph, by name, each from both its ends."""
    return {(name, graph.kind_of(name)) for name in graph.names} | {
        (name, one.kind, one.against, one.name, *(str(array[one.edge]) for array in more))
        for more in [(graph.medium, graph.capacity, graph.pattern)]
        for name in graph.names
        for one in graph.neighbours(name)
    }


def test_an_inventory_says_what_it_refuses():
    with pytest.raises(ValidationError):
        Inventory.model_validate(json.loads('{"site": "s", "edge": []}'))
