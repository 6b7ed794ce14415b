"""From a raw reading to a webhook, through every process that stands between, on a real Kafka."""

import base64
import hmac
import json
import time

import pytest
from acts import Endpoint, listening
from test_act_kafka import ended, executing, webhook
from test_bad_input_kafka import changed, ingesting, send
from test_trigger_kafka import running, steps

from schemas.settings import Trigger
from schemas.trigger import Rule, Stage
from streams.house import House

SECRET = b"a signing secret of 24 bytes or more"
RULE = {"name": "gpu-hot", "point": "temp", "above": 85, "level": "act", "then": ["page"]}


def acting(settings, base):
    """Return settings with a rule that may act, once, by a signed webhook at `base`."""
    hurried = changed(settings, "ingest", linger_s=0.05, tick_s=0.2)
    trigger = settings.trigger.model_dump() | {"breaker": {"least": 1}}
    told = {
        "rules": (Rule.model_validate(RULE | {"summary": "{asset} has {value}"}),),
        "actions": (webhook(base, signing_secret={"env": "SIGNING"}),),
        "trigger": Trigger.model_validate(trigger),
    }
    return hurried.model_copy(update=told)


def reading(celsius):
    """Return a raw message of one GPU."""
    said = {"asset": "node-1/gpu0", "time": time.time(), "values": {"temp": celsius}}
    return json.dumps(said).encode()


@pytest.mark.kafka
async def test_a_reading_past_a_rule_that_may_act_is_done_once_signed_and_told(
    settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("SIGNING", base64.b64encode(SECRET).decode())
    endpoint = Endpoint()
    async with listening(endpoint) as base:
        own = acting(settings, base)
        async with House(own, tmp_path / "house") as house:
            house.start("worker")
            async with ingesting(own), running(own), executing(own) as executor:
                await send(own, own.raw[0].name, map(reading, (50, 91, 92, 93)))
                (done,) = await ended(own, 1, executor)
        told = await steps(own)

    (body,), (headers,) = endpoint.bodies, endpoint.headers
    signed = f"{done.data.action}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(SECRET, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert endpoint.did == {f'"{done.data.action}"': 1}
    asked = json.loads(body)["data"]
    assert (asked["point"], asked["alert_summary"]) == ("temp", "node-1/gpu0 has 91")
    assert [(one.stage, one.action) for one in told] == [
        (stage, done.data.action) for stage in (Stage.REQUESTED, Stage.DONE)
    ]
