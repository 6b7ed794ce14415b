"""Laws of the readings block: what any Arrow reader sees, and what no bytes can do."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import pipeline
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas import readings
from schemas.readings import Block, BlockError, Tick
from schemas.telemetry import Quality, Source, SpansBuilder

SECOND = 1_000_000_000
SOURCE = Source("raw", 3, "epoch")
NAN = float("nan")


def block(*spans, source=SOURCE):
    """Return the block of spans: (message, asset, points, time in ns, values[, quality])."""
    builder = SpansBuilder()
    for span in spans:
        builder.add(*span)
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(source, np.arange(100) + 1000, builder.build()))
    (made,) = gatherer.flush()[0]
    return made


CLEAN = block(
    (0, "a", ("temp", "flow"), 5 * SECOND, (21.5, 3.0)),
    (0, "b", ("temp",), 5 * SECOND, (22.5,)),
    (1, "a", ("temp", "flow"), 6 * SECOND, (21.75, 3.25)),
)
MARKED = block(
    (0, "a", ("temp", "flow"), 5 * SECOND, (21.5, NAN), (0, int(Quality.MISSING))),
    (1, "b", ("temp",), 6 * SECOND, (22.5,), (int(Quality.FUTURE),)),
)
TICKED = replace(CLEAN, meta=readings.msgspec.structs.replace(CLEAN.meta, ticks=[Tick(0, 7, 5, 3)]))
COLUMNS = ("source", "offset", "part", "asset", "shape", "time_ns", "start", "values", "quality")


def same(one: Block, other: Block) -> bool:
    quality = (one.quality, other.quality)
    return one.meta == other.meta and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "values")
        for name in COLUMNS
        if name != "quality" or all(len(marks) for marks in quality)
    )


names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
spans = st.tuples(
    st.integers(0, 99),
    names,
    st.lists(names, min_size=1, max_size=4, unique=True).map(tuple),
    st.integers(0, 7 * 10**18),
).flatmap(
    lambda head: st.tuples(
        st.lists(st.floats(), min_size=len(head[2]), max_size=len(head[2])),
        st.lists(st.integers(0, 255), min_size=len(head[2]), max_size=len(head[2])),
    ).map(lambda tail: (*head, *tail))
)


@settings(deadline=None)
@given(some=st.lists(spans, min_size=1, max_size=8))
def test_a_block_comes_back_as_it_was(some):
    made = block(*sorted(some, key=lambda span: span[0]))

    assert same(readings.decode(readings.encode(made)), made)


@pytest.mark.parametrize("made", [CLEAN, MARKED, TICKED], ids=["clean", "marked", "ticked"])
def test_a_block_read_and_written_again_is_the_same_bytes(made):
    data = readings.encode(made)

    assert readings.encode(readings.decode(data)) == data


def test_any_arrow_reader_sees_rows_with_times_values_and_names():
    table = pa.ipc.open_stream(readings.encode(CLEAN)).read_all()
    meta = json.loads(table.schema.metadata[b"alltobit"])
    rows = table.to_pylist()

    assert [meta["assets"][row["asset"]] for row in rows] == ["a", "b", "a"]
    assert [meta["points"][row["shape"]] for row in rows] == [
        ["temp", "flow"],
        ["temp"],
        ["temp", "flow"],
    ]
    assert [row["values"] for row in rows] == [[21.5, 3.0], [22.5], [21.75, 3.25]]
    assert [row["offset"] for row in rows] == [1000, 1000, 1001]
    assert [row["part"] for row in rows] == [0, 1, 0]
    assert table.schema.field("time").type == pa.timestamp("ns", "UTC")
    assert table["time"].cast(pa.int64()).to_pylist() == [5 * SECOND, 5 * SECOND, 6 * SECOND]
    assert meta["sources"] == [["raw", 3, "epoch"]]


def test_quality_is_null_where_all_is_good_and_else_one_a_value():
    clean = pa.ipc.open_stream(readings.encode(CLEAN)).read_all()["quality"]
    marked = pa.ipc.open_stream(readings.encode(MARKED)).read_all()["quality"]

    assert clean.to_pylist() == [None, None, None]
    assert marked.to_pylist() == [[0, Quality.MISSING], [Quality.FUTURE]]


def remade(data, change):
    """Return block bytes with another batch: `change` takes columns by name and the metadata."""
    batch = pa.ipc.open_stream(data).read_next_batch()
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    meta = json.loads(batch.schema.metadata[b"alltobit"])
    change(columns, meta)
    fields = [pa.field(name, column.type) for name, column in columns.items()]
    schema = pa.schema(fields, {b"alltobit": json.dumps(meta).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(list(columns.values()), schema=schema))
    return bytes(sink.getvalue())


def column(name, values):
    def change(columns, _meta):
        columns[name] = pa.array(values, columns[name].type)

    return change


def meta(**fields):
    return lambda _columns, told: told.update(fields)


FOREIGN = {
    "a source that is not there": column("source", [0, 1, 0]),
    "an asset that is not there": column("asset", [0, 2, 0]),
    "an asset beyond int32": column("asset", [0, 2**32 - 1, 0]),
    "a shape that is not there": column("shape", [0, 1, 2]),
    "an offset below 0": column("offset", [-1, 0, 1]),
    "a null": column("part", [0, None, 0]),
    "a null value": column("values", [[1.0, None], [1.0], [1.0, 2.0]]),
    "a null list": column("values", [[1.0, 2.0], None, [1.0, 2.0]]),
    "lists that end before they begin": lambda columns, _meta: columns.update(
        values=pa.ListArray.from_arrays(pa.array([0, 4, 1, 5], pa.int32()), pa.array([1.0] * 5))
    ),
    "a time that cannot be reckoned with": column("time", [5, 5, 2**63 - 1]),
    "qualities of another length": column("quality", [[0], [1], [0, 0]]),
    "a quality that is null beside one that is not": column("quality", [[0, 1], None, [0, 0]]),
    "another version": meta(version=2),
    "a partition below 0": meta(sources=[["raw", -1, "epoch"]]),
    "fewer names than shapes": meta(points=[["temp"]]),
    "a tick of no source": meta(ticks=[[7, 1, 1, 0]]),
    "a tick of an endless time": meta(ticks=[[0, 1, 2**80, 0]]),
    "a tick of endless silence": meta(ticks=[[0, 1, 1, 2**63]]),
    "another column": lambda columns, _meta: columns.update(more=columns["offset"]),
    "another type": lambda columns, _meta: columns.update(part=columns["offset"]),
    "no metadata of ours": lambda _columns, told: told.clear(),
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_a_block_that_does_not_fit_itself_is_none(change):
    with pytest.raises(BlockError):
        readings.decode(remade(readings.encode(CLEAN), change))


def test_a_list_that_ends_behind_its_values_is_no_block():
    offsets, longer = ((np.array([0, 2, 3, n], "<i4")).tobytes() for n in (5, 99))
    data = readings.encode(CLEAN)
    assert offsets in data

    with pytest.raises(BlockError):
        readings.decode(data.replace(offsets, longer))


NOT_AS_SAID = {
    "a span shorter than its shape": column("values", [[1.0], [1.0], [1.0, 2.0]]),
    "a span longer than its shape": column("values", [[1.0, 2.0], [1.0] * 9, [1.0, 2.0]]),
    "other names under the digest": meta(points=[["temp", "flow", "more"], ["temp"]]),
    "no names under the digest": meta(points=[5, {"a": "b"}]),
}


@pytest.mark.parametrize("change", NOT_AS_SAID.values(), ids=NOT_AS_SAID)
@pytest.mark.parametrize("known", [False, True], ids=["at first sight", "when known"])
def test_a_block_that_lies_about_its_shapes_is_none_and_changes_nothing(change, known):
    state, honest = State(Config()), State(Config())
    if known:
        for one in (state, honest):
            pipeline.judge(one, CLEAN)
    lie = readings.decode(remade(readings.encode(CLEAN), change))
    if known and len(lie.values) == len(CLEAN.values):
        assert pipeline.judge(state, lie).skipped == 3  # a known digest: its names are not read
    else:
        with pytest.raises(BlockError):
            pipeline.judge(state, lie)
    later = block((5, "a", ("temp", "flow"), 60 * SECOND, (21.5, 3.0)))
    assert pipeline.judge(state, later) == pipeline.judge(honest, later)


def test_two_batches_are_no_block():
    batch = pa.ipc.open_stream(readings.encode(CLEAN)).read_next_batch()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
        writer.write_batch(batch)

    with pytest.raises(BlockError):
        readings.decode(bytes(sink.getvalue()))


def applied_or_refused(data):
    """Assert that bytes raise `BlockError` or can be applied to a state."""
    try:
        pipeline.detect(State(Config(max_signals=100)), data)
    except BlockError:
        return False
    return True


@pytest.mark.parametrize("data", [b"", b"garbage", b"\xff" * 300, b'{"asset":"a"}', bytes(64)])
def test_bytes_of_anything_else_are_no_block(data):
    assert not applied_or_refused(data)


@pytest.mark.parametrize("made", [CLEAN, MARKED, TICKED], ids=["clean", "marked", "ticked"])
def test_no_truncated_block_does_harm(made):
    data = readings.encode(made)

    assert not any(applied_or_refused(data[:n]) for n in range(0, len(data) - 8, 7))


@settings(max_examples=600, deadline=None)
@given(
    made=st.sampled_from([CLEAN, MARKED, TICKED]),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([1, 4, 8]), st.integers(0, 2**64 - 1)),
        min_size=1,
        max_size=3,
    ),
)
def test_no_changed_block_does_harm(made, changes):
    data = bytearray(readings.encode(made))
    for where, size, number in changes:
        at = int(where * (len(data) - 8))
        data[at : at + size] = (number % 256**size).to_bytes(size, "little")
    applied_or_refused(bytes(data))
