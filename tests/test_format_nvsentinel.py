"""NVSentinel's health events."""

import json
from copy import deepcopy

import pytest
from facility import T0_MS, T0_NS, assert_golden, assert_well_formed, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.nvsentinel import ACTIONS, NvSentinel
from schemas.golden.nvsentinel import GOLDEN_NVSENTINEL
from schemas.telemetry import Health, Why

GOOD = GOLDEN_NVSENTINEL[0].message
GONE = object()


def event(**changes):
    """Return the golden event with changes to its `healthEvent`."""
    whole = json.loads(GOOD)
    told = whole["data"]["healthEvent"]
    told.update(changes)
    whole["data"]["healthEvent"] = {k: v for k, v in told.items() if v is not GONE}
    return whole


def decode(*events, times_ms=None):
    batch = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in events]
    return NvSentinel().decode(batch, times_ms)


def health(**changes):
    return decode(event(**changes)).health[0]


def test_the_exporters_own_event_becomes_a_health_event_and_no_sample():
    assert_golden(NvSentinel(), GOLDEN_NVSENTINEL[0])
    assert NvSentinel().looks_like(GOOD)
    assert decode(GOOD).health == [
        Health(
            message=0,
            asset="gpu-node-42/gpu0",
            check="XidError",
            time_ns=1_736_937_000 * 10**9,
            healthy=False,
            fatal=True,
            text="GPU XID error detected",
            action="RESTART_VM",
            codes=("XID_48", "XID_79"),
            entities=("GPU:0", "PCI:0000:17:00.0"),
        )
    ]


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(event()["data"]["healthEvent"])), json_values)
def test_any_value_anywhere_is_an_event_or_a_reject(key, value):
    decoded = decode(event(**{key: value}))

    assert_well_formed(decoded, 1)
    assert len(decoded.health) + len(decoded.rejects) == 1
    for one in decoded.health:
        assert repr(one).encode()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other(draw):
    at = draw.draw(st.integers(0, len(GOOD)))
    bad = GOOD[:at] + draw.draw(st.binary(max_size=4)) + GOOD[at + draw.draw(st.integers(0, 6)) :]

    decoded = decode(GOOD, bad, GOOD)

    assert_well_formed(decoded, 3)
    assert len(decoded.spans) == 0
    assert {0, 2} <= {one.message for one in decoded.health}
    assert {0, 1, 2} == {one.message for one in [*decoded.health, *decoded.rejects]}


@pytest.mark.parametrize(("number", "name"), ACTIONS.items())
def test_an_action_is_sent_as_a_number_or_as_its_name(number, name):
    assert health(recommendedAction=number).action == name
    assert health(recommendedAction=name).action == name


def test_an_action_that_nobody_knows_yet_is_told_as_sent():
    assert health(recommendedAction=77).action == "77"
    assert health(recommendedAction=27, customRecommendedAction="DRAIN_RACK").action == "DRAIN_RACK"


def test_an_event_about_no_gpu_or_several_is_about_the_node():
    two = [{"entityType": "GPU", "entityValue": str(i)} for i in (0, 1)]
    uuid = [{"entityType": "GPU", "entityValue": "GPU-12345678"}]
    for entities in ([], two, uuid, None, [7], GONE):
        assert health(entitiesImpacted=entities).asset == "gpu-node-42"


def test_recovery_is_told_as_healthy():
    told = health(isHealthy=True, isFatal=False, errorCode=[])

    assert (told.healthy, told.fatal, told.codes) == (True, False, ())


def test_the_time_is_the_events_then_the_envelopes_then_kafkas():
    without = event(generatedTimestamp=GONE)
    enveloped = deepcopy(without)
    enveloped["time"] = "2023-11-14T22:13:30Z"
    del without["time"]

    assert decode(enveloped).health[0].time_ns == T0_NS + 10**10
    assert decode(without, times_ms=[T0_MS]).health[0].time_ns == T0_NS
    assert whys(decode(without)) == [Why.BAD_TIME]


def test_a_batch_of_events_gives_each_of_them():
    decoded = decode([event(), event(nodeName=""), event(nodeName="n2")], [])

    assert [one.asset for one in decoded.health] == ["gpu-node-42/gpu0", "n2/gpu0"]
    assert whys(decoded) == [Why.BAD_NAME, Why.EMPTY]


def test_other_cloud_events_are_rejected():
    other = json.loads(GOOD) | {"data": {"temperature": 5}}

    assert whys(decode(other, other | {"data": 5}, {"a": 1}, b"7", event(isFatal="yes"))) == [
        Why.WRONG_TYPE,
        Why.WRONG_TYPE,
        Why.MISSING_FIELD,
        Why.WRONG_TYPE,
        Why.WRONG_TYPE,
    ]


def test_long_texts_and_lists_are_cut():
    told = health(message="x" * 10**6, errorCode=["c"] * 10**4)

    assert len(told.text) == 4096
    assert len(told.codes) == 256
