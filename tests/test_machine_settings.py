"""A rule as people write it: from a YAML file to its alert, through the whole of detection."""

from machine_site import START, Sent, block

from models import pipeline
from models.names import Config
from streams.configuration import load

YAML = """
detect: {lateness_s: 1}
values:
  - name: lift
    is: outlet - inlet
rules:
  - name: pump-fails
    if: lift > 5 && flow.avg("30s") < 10
    for: 20s
    keep_firing_for: 1m
    asset: pump-*
    severity: critical
    level: advise
    then: [stop-pump]
    labels: {team: cooling}
    annotations: {runbook: "see {asset}"}
    summary: "{asset} lifts {value}"
"""


def test_a_rule_of_a_file_raises_its_alert(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(YAML)
    config = Config.of(load(path, {}))
    sent = [
        Sent(second, asset, {"inlet": 20.0, "outlet": outlet, "flow": 5.0})
        for second in range(0, 120, 5)
        for asset, outlet in (("pump-1", 30.0 if second >= 30 else 21.0), ("fan-1", 30.0))
    ]
    blocks = [block(sent[i : i + 7], i) for i in range(0, len(sent), 7)]
    alerts = [e for f in pipeline.run(config, blocks) for e in f.events if "alert" in e.type]

    assert [(e.subject, e.time.timestamp() - START) for e in alerts] == [("pump-fails/pump-1", 50)]
    data = alerts[0].data
    assert (str(data.level), str(data.severity), data.then) == (
        "advise",
        "critical",
        ("stop-pump",),
    )
    assert data.summary == "pump-1 lifts outlet 30, inlet 20, flow 5"
    assert {fact.text for fact in data.evidence.facts} == {
        "pump-1 outlet was 30",
        "pump-1 inlet was 20",
        "pump-1 flow was 5",
    }
