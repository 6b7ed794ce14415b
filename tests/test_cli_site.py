import json
from itertools import pairwise

import pytest
from cli_calls import call, one_line, settings_file
from site_texts import IBNETDISCOVER, SLURM, SMI

from models.site.cut import MESSAGE_BYTES
from schemas.cascade import Inventory
from schemas.cascade.site_rows import AssetRow, EdgeRow, Rows, encode
from streams.bench import site as bench
from streams.cli.running import run_async
from streams.cli.tail import there
from streams.publish import Message, publish

PLANT = "deploy/site.yaml"


def test_check_counts_by_kind_and_is_content_with_the_plant():
    done = call("site", "check", PLANT)

    assert done.exit_code == 0
    assert done.stdout == (
        "66 assets: 1 utility, 1 transformer, 1 ups, 1 pdu, 1 cooling_tower, 1 chiller, 1 pump, "
        "1 cdu, 1 rack, 4 node, 32 gpu, 4 nvswitch, 4 nic, 3 switch, 8 port, 2 job\n"
        "207 edges: 12 feeds, 41 cools, 70 links, 52 contains, 32 runs\n"
    )


def test_check_tells_each_trouble_and_exits_1(tmp_path):
    file = tmp_path / "more.yaml"
    file.write_text("edges: [{kind: feeds, source: ups-1, target: transformer-1}]\n")

    done = call("site", "check", PLANT, str(file))
    told = call("site", "check", PLANT, str(file), "--json")

    assert done.exit_code == told.exit_code == 1
    assert done.stdout.splitlines()[-1] == (
        "ups-1, ups-1 feeds transformer-1: cycle: transformer-1 leads to ups-1 already"
    )
    (trouble,) = json.loads(told.stdout)["troubles"]
    assert (trouble["flaw"], trouble["severity"]) == ("cycle", "critical")
    assert json.loads(told.stdout)["assets"]["gpu"] == 32


def test_show_tells_neighbours_both_ways(tmp_path):
    config = tmp_path / "settings.yaml"
    config.write_text(f"site: {{file: {PLANT}}}\n")

    done = call("site", "show", "ups-1", PLANT)
    told = call("--config", str(config), "site", "show", "leaf-1/p1", "--json")

    assert done.stdout == ("ups-1: ups\n  feeds: pdu-1\n  fed by: transformer-1\n")
    assert json.loads(told.stdout) == {
        "asset": "leaf-1/p1",
        "kind": "port",
        "links": [{"name": "node-01/ib0", "medium": "infiniband", "capacity": 5e10}],
        "stands in": [{"name": "leaf-1"}],
    }


def test_show_of_what_is_not_there_is_told():
    absent = call("site", "show", "ups-9", PLANT)
    nowhere = call("site", "show", "ups-1")

    assert (absent.exit_code, nowhere.exit_code) == (2, 2)
    assert "no such asset" in one_line(absent.stderr)
    assert "no site to look at" in one_line(nowhere.stderr)


@pytest.mark.parametrize(
    ("name", "text", "more"),
    [
        ("slurm", SLURM, ()),
        ("ibnetdiscover", IBNETDISCOVER, ()),
        ("nvidia-smi", SMI, ("--host", "node-01")),
        ("dsx-bms", "nothing of the kind", ()),
        ("csv", "asset,kind\na,robot\n", ()),
    ],
)
def test_import_writes_what_check_reads_and_exits_1_where_it_left_something_out(
    tmp_path, name, text, more
):
    file, out = tmp_path / "in.txt", tmp_path / "out.yaml"
    file.write_text(text)

    done = call("site", "import", name, str(file), *more, "--site", "x", "-o", str(out))

    assert done.exit_code == 1
    assert done.stderr.startswith("alltobit: line ")
    assert call("site", "check", str(out)).exit_code == 0
    assert out.read_text().startswith("site: x\npart: ")


def test_import_of_all_there_is_exits_0_and_writes_to_stdout(tmp_path):
    done = call("site", "import", "slurm", "-", stdin=b"SwitchName=a Nodes=b LinkSpeed=100\n")

    assert done.exit_code == 0
    assert done.stdout == (
        "site: site\npart: slurm\nassets:\n  - {name: b, kind: node}\n"
        "  - {name: a, kind: switch}\n"
        "edges:\n  - {kind: links, source: a, target: b, capacity: 12500000000.0}\n"
    )
    for words in (
        ("nvidia-smi", "-"),
        ("slurm", str(tmp_path / "none")),
        ("slurm", "-", "-o", str(tmp_path / "x.txt")),
    ):
        wrong = call("site", "import", *words, stdin=b"")
        assert wrong.exit_code == 2
        one_line(wrong.stderr)


def test_the_bench_measures_a_site_of_as_many_edges_as_it_says(tmp_path):
    file = tmp_path / "site.json"
    file.write_bytes(bench.made(64, seed=2))

    told = bench.measure(64, file)

    assert told.edges == pytest.approx(64 * bench.EDGES_A_NODE, rel=0.02)
    assert told.edges > told.told
    assert told.lines()[-1].startswith("site: ")
    assert bench.made(64, seed=2) == file.read_bytes() != bench.made(64, seed=3)


async def parts(settings):
    """Read the topic: by key, the last value."""
    found = [one async for one in there(settings.kafka, settings.topics.inventory)]
    return {one.key.decode(): Inventory.model_validate_json(one.value) for one in found}


@pytest.mark.kafka
def test_a_published_site_is_read_back_whole_and_stands_for_the_earlier_one(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0
    large = tmp_path / "large.json"
    names = [f"node-{i:06d}" for i in range(9_000)]
    rows = Rows(
        "x",
        "fabric",
        tuple(AssetRow(name) for name in names),
        tuple(EdgeRow("links", a, b, "infiniband", 5e10) for a, b in pairwise(names)),
    )
    large.write_bytes(encode(rows))

    first = call(*config, "site", "publish", PLANT, str(large))
    before = run_async(parts(settings))
    large.write_bytes(encode(Rows("x", "fabric", rows.assets[:1])))
    second = call(*config, "site", "publish", str(large))
    third = call(*config, "site", "publish", str(large))
    after = run_async(parts(settings))

    seen = call(*config, "site", "check", "--published", "--json")
    assert (first.exit_code, second.exit_code, seen.exit_code) == (0, 0, 0)
    assert json.loads(seen.stdout)["assets"]["gpu"] == 32
    assert "rack-1" in call(*config, "site", "show", "node-01", "--published").stdout
    assert set(before) == {"site/plant", "x/fabric", "x/fabric/2"}
    assert sum(len(one.edges) for one in before.values()) == 8_999 + 159
    assert all(
        len(one.model_dump_json(exclude_defaults=True)) < MESSAGE_BYTES for one in before.values()
    )
    assert (
        second.stdout
        == f"1 messages of 1 parts published to {settings.topics.inventory}, 1 taken away\n"
    )
    assert "taken away" not in third.stdout
    assert after["x/fabric"].assets == before["x/fabric"].assets[:1]
    assert after["x/fabric/2"] == Inventory(site="x", part="fabric/2")


async def put_nonsense(settings):
    """Publish a message that is no inventory."""
    await publish(
        settings.kafka,
        [
            Message(settings.topics.inventory, b"site/bad", b'{"site": 7}'),
        ],
    )


@pytest.mark.kafka
def test_a_message_that_is_no_inventory_is_told(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0
    run_async(put_nonsense(settings))

    done = call(*config, "site", "check", "--published")

    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "0 assets",
        "0 edges",
        "site/bad: unreadable: Expected `str`, got `int` - at `$.site`",
    ]


@pytest.mark.kafka
def test_publish_refuses_one_part_in_two_files_and_a_topic_that_is_not_there(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))

    twice = call(*config, "site", "publish", PLANT, PLANT)
    absent = call(*config, "site", "publish", PLANT)

    assert (twice.exit_code, absent.exit_code) == (2, 66)
    assert "stands in 2 files" in one_line(twice.stderr)
    one_line(absent.stderr)
