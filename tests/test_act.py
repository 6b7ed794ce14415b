"""What is decided of an action: due or over, tried again or not, when, and signed how."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from acts import due, request
from hypothesis import given
from hypothesis import strategies as st

from models.act.attempt import (
    LONGEST_PAUSE_S,
    Came,
    Outcome,
    of_several,
    of_status,
    pause_s,
    retry_after_s,
)
from models.act.firing import Firing
from models.act.ledger import Due, Ledger
from models.act.message import Over, Result, Unread, ended, read, told
from models.act.policy import UNKNOWN, lane, refused
from models.act.rate import Rate
from models.act.request import Secrets
from models.act.request import request as made
from models.act.signature import key, signed
from schemas.events import Event
from schemas.telemetry import Why as Unfit
from schemas.trigger import Alertmanager, Stage, Webhook, Why
from streams.act.carry_out import carry_out

NOW = datetime(2026, 3, 1, tzinfo=UTC)
steps = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=30)


def webhook(**more):
    return Webhook(**{"name": "page", "kind": "webhook", "url": "http://h/", **more})


def entry(number, offset):
    return Due(request(number), 0, offset, 0.0)


@given(steps=steps)
def test_what_is_due_is_what_was_asked_for_and_never_ended(steps):
    ledger, asked, over = Ledger(0), {}, set()
    for offset, (ends, number) in enumerate(steps):
        one = entry(number, offset)
        if ends:
            ledger.take(Over(one.key))
            over.add(one.key)
        else:
            more = ledger.take(one)
            assert more == (one.key not in over and one.key not in asked)
            asked.setdefault(one.key, offset)
        ledger.offset = offset + 1

    assert set(ledger.due) == asked.keys() - over
    oldest = [asked[one] for one in ledger.due]
    assert ledger.resume() == min(oldest, default=len(steps)) or over


@given(steps=steps, cut=st.integers(0, 30))
def test_one_who_begins_where_it_says_finds_the_same_to_do(steps, cut):
    entries = [
        Over(entry(number, 0).key) if ends else entry(number, offset)
        for offset, (ends, number) in enumerate(steps)
    ]
    first = Ledger(0)
    for offset, one in enumerate(entries[:cut]):
        first.take(one)
        first.offset = offset + 1
    start = first.resume()
    second = Ledger(start, over=set(first.over))  # within `act.remember_s`
    for one in entries[start:cut]:
        second.take(one)

    assert second.due.keys() == first.due.keys()


@pytest.mark.parametrize("stage", Stage)
def test_requests_are_done_ends_are_kept_and_every_other_step_is_left_alone(stage):
    event = request(stage=stage)
    found = read(event.model_dump_json().encode())

    if stage in (Stage.REQUESTED, Stage.APPROVED):
        assert found == event
    elif stage in (Stage.DONE, Stage.FAILED, Stage.SHADOWED):
        assert found == Over(event.data.action)
    else:
        assert found is None


@given(value=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_reason(value):
    found = read(value)

    assert found is None or isinstance(found, Unread)


@pytest.mark.parametrize("name", ["time", "since", "expires"])
def test_a_time_without_a_zone_is_refused(name):
    told = request().model_dump(mode="json")
    part = told if name == "time" else told["data"]
    value = json.dumps(told | {"data": told["data"]}).encode()
    part[name] = "2026-03-01T12:00:00"

    assert isinstance(read(value), Event)
    assert read(json.dumps(told).encode()).why is Unfit.WRONG_TYPE


def test_a_request_that_lacks_a_part_is_refused_and_says_which():
    event = json.loads(request().model_dump_json())
    del event["data"]["rule"]

    assert "data.rule" in read(json.dumps(event).encode()).detail


@given(status=st.integers(100, 599), after_s=st.floats(0, 1e6))
def test_success_is_2xx_and_only_what_a_retry_may_mend_is_tried_again(status, after_s):
    outcome = of_status(status, "x", after_s)

    again = status in (408, 425, 429) or status >= 500
    assert outcome.came is (
        Came.DONE if status // 100 == 2 else Came.AGAIN if again else Came.REFUSED
    )
    assert outcome.after_s <= LONGEST_PAUSE_S


def test_of_several_instances_one_success_is_enough():
    done, again, no = (Outcome(came) for came in (Came.DONE, Came.AGAIN, Came.REFUSED))

    assert of_several([no, again, done]) is done
    assert of_several([no, again]) is again
    assert of_several([no]) is no


@given(text=st.text(max_size=40))
def test_any_retry_after_is_a_bounded_time(text):
    assert 0.0 <= retry_after_s(text, NOW) <= LONGEST_PAUSE_S


def test_a_retry_after_is_seconds_or_a_date():
    assert retry_after_s("7", NOW) == 7.0
    assert retry_after_s("Sun, 01 Mar 2026 00:01:30 GMT", NOW) == 90.0
    assert retry_after_s("Sat, 28 Feb 2026 00:00:00 GMT", NOW) == 0.0
    assert retry_after_s("soon", NOW) == 0.0


@given(tries=st.integers(1, 40), backoff_s=st.floats(0.001, 60), after_s=st.floats(0, 300))
def test_a_pause_doubles_within_a_half_and_is_the_same_for_the_same_try(tries, backoff_s, after_s):
    pause = pause_s("a" * 32, tries, backoff_s, after_s)
    whole = min(backoff_s * 2.0 ** (tries - 1), LONGEST_PAUSE_S)

    assert pause == pause_s("a" * 32, tries, backoff_s, after_s)
    assert max(whole / 2, after_s) <= pause <= max(whole, after_s)


def test_what_fails_together_is_not_tried_again_together():
    assert len({pause_s(str(number), 1, 1.0) for number in range(100)}) == 100


@given(gaps=st.lists(st.floats(0, 30), max_size=80), most=st.integers(1, 5))
def test_no_minute_has_more_than_the_most_and_nobody_waits_without_need(gaps, most):
    rate, now, times = Rate(most), 0.0, []
    for gap in gaps:
        now += gap
        times.append(now + rate.wait_s(now))

    assert all(b >= a - 1e-9 for a, b in pairwise(times))
    assert all(b - a >= 60.0 - 1e-9 for a, b in zip(times, times[most:], strict=False))
    assert not gaps or times[0] == gaps[0]


def test_the_signature_is_that_of_standard_webhooks():
    # the example of the reference implementations (standardwebhooks.com)
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    headers = signed(key(secret), message, 1614265330, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == message
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize("secret", ["hunter2", "aGVsbG8=", "whsec_", "é"])
def test_what_is_no_secret_to_sign_with_is_refused(secret):
    with pytest.raises(ValueError, match=r"not base64|bytes, not 24 to 64"):
        key(secret)


def test_a_request_carries_its_key_and_a_signature_over_its_bytes():
    kept, one = Secrets({}, b"k" * 32, "token"), due(3)
    sent = made(webhook(method="PATCH", headers={"X-Rack": "{host}"}), one, kept, 1_700_000_000)
    signature = hmac.digest(
        b"k" * 32, f"{one.key}.1700000000.".encode() + sent.body, hashlib.sha256
    )

    assert sent.method == "PATCH"
    assert sent.headers["idempotency-key"] == f'"{one.key}"'
    assert sent.headers["webhook-signature"] == f"v1,{base64.b64encode(signature).decode()}"
    assert sent.headers["authorization"] == "Bearer token"
    assert sent.headers["x-rack"] == "node-3"
    assert sent.headers["content-type"] == "application/cloudevents+json"
    assert json.loads(sent.body)["id"] == one.key


@pytest.mark.parametrize(
    ("action", "asked_s", "why"),
    [
        (webhook(), 0.0, Why.OFF),
        (webhook(mode="live"), 3601.0, Why.TOO_LATE),
        (webhook(mode="live"), 3599.0, None),
        (webhook(mode="shadow"), 0.0, None),
    ],
)
def test_nothing_is_begun_that_is_off_or_too_late(action, asked_s, why):
    result = refused(action, due(), asked_s)

    assert (result and result.why) == why


async def test_an_action_that_nobody_configured_is_off():
    assert await carry_out(None, due()) == UNKNOWN
    assert (UNKNOWN.stage, UNKNOWN.why) == (Stage.FAILED, Why.OFF)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), unique_by=lambda one: one[1]))
def test_the_oldest_alert_of_each_partition_is_found_whatever_the_order(places):
    firing = Firing(60.0)
    for partition, offset in places:
        firing.take(due(offset)._replace(partition=partition, offset=offset), 0.0)

    numbers = {partition for partition, _ in places}
    assert firing.oldest() == {
        number: min(offset for partition, offset in places if partition == number)
        for number in numbers
    }


def test_deeds_on_an_asset_stand_in_one_queue_and_notifications_in_their_own():
    tells = Alertmanager(name="am", kind="alertmanager", urls=("http://h",))

    assert lane(webhook(), due(1)) == lane(webhook(name="b"), due(1)) == lane(None, due(1))
    assert lane(tells, due(1)) not in (lane(webhook(), due(1)), lane(tells, due(2)))


def test_an_end_told_twice_is_the_same_event_and_keeps_what_was_asked():
    event = request(1, labels={"a": "b"})
    result = ended(Outcome(Came.AGAIN, "503 " + "x" * 5000), 6, "webhook page", "")
    first, second = told(event, result), told(event, Result(Stage.FAILED, Why.UNREACHABLE))

    assert first.id == second.id != event.id
    assert first.data.why is Why.UNREACHABLE
    assert (first.data.labels, first.data.action) == (event.data.labels, event.data.action)
    assert len(first.data.answer) == 2000
    assert type(first).model_validate_json(first.model_dump_json()) == first
    assert first.time == event.time
