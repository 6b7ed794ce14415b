"""A proposal on a real Kafka: asked, approved, done once; a forged one is told and nothing else."""

import signal
from collections import Counter

import pytest
from acts import Endpoint, listening
from alerts import SECRETS, alert
from test_act_kafka import ended, executing
from test_trigger_kafka import ADA, alltobit, seen, send, steps, with_policy

from schemas.trigger import Proposal, Stage, Webhook, Why
from streams.house import House, read_all
from streams.proposals import proposed

BOT = {"name": "bot", "secret": {"env": "BOT"}, "actions": ["drain"]}
SECRET = "the secret of a bot"  # noqa: S105 - of a test


def proposing(settings, base):
    """Return settings under which a bot may propose what a webhook does."""
    drain = Webhook(kind="webhook", name="drain", mode="live", url=f"{base}/drain/{{host}}")
    policy = with_policy(settings, proposers=[BOT])
    site = settings.site.model_copy(update={"name": "s"})
    return policy.model_copy(update={"actions": (drain,), "site": site})


@pytest.mark.kafka
async def test_what_is_proposed_is_done_once_after_a_yes_and_a_forged_proposal_is_told(
    settings, tmp_path, monkeypatch
):
    for name, secret in (ADA | {"BOT": SECRET}).items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("ALLTOBIT_PROPOSER", "bot")
    monkeypatch.setenv("ALLTOBIT_PROPOSER_SECRET", SECRET)
    monkeypatch.setenv("ALLTOBIT_KAFKA__INSTANCE", "one")
    cited, endpoint = alert(10, rule="quiet"), Endpoint()
    async with (
        listening(endpoint) as base,
        House(set_ := proposing(settings, base), tmp_path / "house") as house,
    ):
        ours, first = set_.topics, house.start("trigger")
        await send(set_, ours.alerts, cited, alert(10, asset="node-02/gpu0"))
        await seen(set_, Stage.AWAITING, 1)
        words = ("drain", "node-01/gpu0", "--why", "it is hot", "--evidence", cited.id)
        code, said = await alltobit(house, "propose", *words)
        assert code == 0, said
        asked = next(one for one in await seen(set_, Stage.AWAITING, 2) if one.proposed_by)
        assert asked.action in said

        (record,) = (await read_all(set_, [ours.proposals]))[ours.proposals]
        told = {"action": "drain", "site": "s", "asset": "node-03", "why": "now"}
        forged = proposed("bot", SECRETS["bob"], **told)
        await send(set_, ours.proposals, record.value, forged, b"{")
        await seen(set_, Stage.IGNORED, 2)
        first.signal(signal.SIGKILL)
        await first.ended()
        house.start("trigger")

        code, said = await alltobit(house, "approve", asked.action, "--why", "I looked")
        assert (code, 'bot says: "it is hot"' in said) == (0, True), said
        async with executing(set_) as executor:
            (done,) = await ended(set_, 1, executor)
        assert await house.stop() == [-9, 0]

    assert Proposal.model_validate_json(record.value).id == asked.action
    assert endpoint.asked == endpoint.did == {f'"{asked.action}"': 1}
    assert (done.data.stage, done.data.proposed_by) == (Stage.DONE, "bot")
    found = Counter((one.stage, one.why, one.proposed_by) for one in await steps(set_))
    assert found == {
        (Stage.AWAITING, Why.NEEDS_APPROVAL, ""): 1,
        (Stage.AWAITING, Why.NEEDS_APPROVAL, "bot"): 1,
        (Stage.IGNORED, Why.ANSWERED, "bot"): 1,
        (Stage.IGNORED, Why.FORGED, "bot"): 1,
        (Stage.APPROVED, Why.SAID_YES, "bot"): 1,
        (Stage.DONE, Why.CARRIED_OUT, "bot"): 1,
    }
    rejects = (await read_all(set_, [ours.rejects]))[ours.rejects]
    assert {dict(one.headers)["alltobit-topic"] for one in rejects} == {ours.proposals.encode()}
