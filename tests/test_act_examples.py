"""The examples in deploy/actions: each is right, off, and does what it says."""

import json
from pathlib import Path

import pytest
from acts import due

from models.act.render import Unfit
from models.act.request import Secrets
from models.act.request import request as made
from schemas.trigger import Mode
from streams.act.command import CommandTarget
from streams.configuration import load, problems

FILES = sorted((Path(__file__).parent.parent / "deploy/actions").glob("*.yaml"))


def actions(name):
    file = next(one for one in FILES if one.stem == name)
    return {action.name: action for action in load(file, {}).actions}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_right_and_every_action_in_it_is_off(file):
    found = load(file, {}).actions

    assert found
    assert {action.mode for action in found} == {Mode.OFF}
    assert problems(file, {}) == []


def test_a_node_is_cordoned_by_a_merge_patch_and_uncordoned_by_its_counterpart():
    sent = made(actions("kubernetes")["cordon"], due(7), Secrets(bearer="t"), 0)

    assert sent.method == "PATCH"
    assert sent.url == "https://kubernetes.default.svc/api/v1/nodes/node-7"
    assert sent.headers["content-type"] == "application/strategic-merge-patch+json"
    assert json.loads(sent.body)["spec"] == {"unschedulable": True}
    back = made(actions("kubernetes")["uncordon"], due(7), Secrets(bearer="t"), 0)
    assert json.loads(back.body) == {"spec": {"unschedulable": None}}
    with pytest.raises(Unfit):
        made(actions("kubernetes")["cordon"], due(7, asset="../pods"), Secrets(), 0)


def test_a_node_is_drained_by_arguments_and_never_a_list_of_nodes():
    target = CommandTarget(actions("slurm")["drain"])

    assert target.shown(due(7)) == (
        "scontrol update nodename=node-7 state=drain 'reason=alltobit gpu-hot: node-7/gpu0 is hot'"
    )
    for asset in ("node-[1-99]", "node-1,node-2", "ALL nodes", "-all"):
        with pytest.raises(Unfit):
            target.prepare(due(7, asset=asset))


def test_a_page_has_the_key_that_the_service_wants_and_the_alert_as_its_own():
    one = due(7, labels={"rack": "r1"})
    body = json.loads(made(actions("pager")["page"], one, Secrets({"routing_key": "R"}), 0).body)

    assert (body["routing_key"], body["event_action"]) == ("R", "trigger")
    assert body["dedup_key"] == one.event.data.alert
    assert body["payload"]["severity"] == "critical"
    assert body["payload"]["custom_details"]["labels"] == {"rack": "r1"}
