"""Planned work and jobs are no fault, and what comes after its followers is not their cause."""

import numpy as np
import pytest
from foreign_site import (
    GPUS,
    HOSTS,
    START_NS,
    TEMP,
    WAITED,
    WORK,
    anomaly,
    last,
    site,
)

from models.cascade.explain import settle, split, total
from models.cascade.groups import Groups, signs
from models.site import ASSET_CODE, build
from schemas.anomaly import AnomalyKind, Detector
from schemas.cascade import AssetKind, Fault

OUTLET = "Outlet_Air_Temperature"
MEMORY = "DCGM_FI_DEV_FB_USED"


@pytest.fixture(scope="module")
def graph():
    return build([site()])[0]


def gpus_of(host):
    return [f"{host}/GPU{g}" for g in range(GPUS)]


def taken_out(at_s, host="dgx-a"):
    """Yield what a host says that is taken out of service, and some GPUs beside it."""
    for gpu in gpus_of(host):
        yield anomaly(gpu, MEMORY, at_s, up=False, score=100.0, interval_s=1.0)
    for gpu in ("dgx-b/GPU1", "dgx-b/GPU3", "dgx-c/GPU0", "dgx-c/GPU2"):
        yield anomaly(gpu, TEMP, at_s + 50, up=False, score=8.0, interval_s=1.0)


def test_hosts_that_get_warm_as_their_job_starts_again_are_not_why_it_had_stopped(graph):
    warm = [anomaly(host, OUTLET, 280 + i, score=8.0) for i, host in enumerate(HOSTS[1:3])]

    assert last(graph, [*taken_out(10), *warm], 320) == []


def test_a_host_that_is_put_back_does_other_work_and_is_warm_for_it(graph):
    port = anomaly("LEAF7/0", "PortXmitData", 10, up=False, kind=AnomalyKind.PEER)
    back = [anomaly(gpu, MEMORY, 600, score=60.0, interval_s=1.0) for gpu in gpus_of("dgx-a")]
    warm = anomaly("dgx-a", OUTLET, 607, score=8.0, interval_s=1.0)

    assert last(graph, [port, *back, warm], 700) == []


def test_a_host_that_is_hot_before_its_gpus_do_less_is_why(graph):
    idle = [anomaly(gpu, WORK, 100, up=False) for gpu in gpus_of("dgx-a")]
    hot = [anomaly(gpu, TEMP, 60) for gpu in gpus_of("dgx-a")]
    (incident,) = last(graph, [anomaly("dgx-a", OUTLET, 10), *hot, *idle], 140)

    assert (incident.causes[0].asset, incident.causes[0].fault) == ("dgx-a", Fault.HEAT)


def test_ports_that_have_less_to_send_than_others_do_not_draw_a_cause_towards_them(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    crowd = [anomaly(name, WAITED, 100, detector=Detector.JUMP, interval_s=1.0) for name in names]
    idle = [
        anomaly("LEAF7/5", point, 60, up=False, kind=AnomalyKind.PEER, interval_s=5.0)
        for point in ("PortXmitData", "PortRcvData")
    ]
    alone, beside = (last(graph, [*crowd, *more], 250) for more in ([], idle))

    assert [one.causes[0].asset for one in alone] == ["LEAF7"]
    assert [one.causes[0].asset for one in beside] == ["LEAF7"]


def test_the_port_that_waited_first_is_next_to_what_takes_no_more(graph):
    others = [f"{host}/mlx5_0" for host in HOSTS[:3]] + ["LEAF7/1", "LEAF7/2"]
    at = {"detector": Detector.JUMP, "interval_s": 1.0}
    first = anomaly("LEAF7/0", WAITED, 20, **at)
    then = [anomaly(name, WAITED, 28, score=9.0, **at) for name in others]
    (incident,) = last(graph, [first, *then], 300)

    cause = incident.causes[0]
    assert {"LEAF7/0", "dgx-a/mlx5_0", "dgx-a"} & {cause.asset, *cause.ends}


def test_who_computes_slowly_is_waited_for_and_no_port_is_full_of_what_it_sends(graph):
    waits = [anomaly(f"{host}/mlx5_0", WAITED, 20, interval_s=1.0) for host in HOSTS[:3]]
    (incident,) = last(graph, waits, 300)

    assert incident.causes[0].fault not in {Fault.COMPUTE, Fault.HEAT, Fault.POWER}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_that_date_one_beginning_the_exacter_counts(order):
    exact = anomaly("LEAF7/1", WAITED, 120, detector=Detector.JUMP, interval_s=1.0)
    about = anomaly("LEAF7/1", WAITED, 112, kind=AnomalyKind.PEER, interval_s=5.0)
    earlier = anomaly("LEAF7/1", WAITED, 20, kind=AnomalyKind.PEER, interval_s=5.0)

    def begins(*events):
        groups, place = Groups(), np.zeros(1, np.uint8)
        for event in events:
            groups.take(event, START_NS)
        found = signs(list(groups.all.values()), [0], place, START_NS)
        return float(found.onset_s[0]), float(found.slack_s[0])

    pairs = [(exact, about)[i] for i in order], [(exact, earlier)[i] for i in order]
    assert [begins(*pair) for pair in pairs] == [begins(exact), begins(earlier)]


def test_a_difference_within_what_a_thermometer_is_exact_to_is_no_fault(graph):
    def water(value):
        at = {"unit": "Cel", "interval_s": 1.0, "score": 8.5, "expected": 12.0, "value": value}
        return [anomaly(name, "Supply_Water_Temperature", 10, **at) for name in ("CDU-1", "CDU-2")]

    assert last(graph, water(12.1), 300) == []
    assert len(last(graph, water(14.0), 300)) >= 1


def test_only_gpus_of_a_host_are_sure_to_do_the_same_as_their_peers():
    names = ("A", "B")
    groups = Groups()
    for name in names:
        groups.take(anomaly(name, WORK, 5, up=False, kind=AnomalyKind.PEER), START_NS)
    kinds = np.array([ASSET_CODE[AssetKind.GPU], ASSET_CODE[AssetKind.PORT]], np.uint8)
    gpu, port = signs(list(groups.all.values()), [0, 1], kinds, START_NS + 10**11).weight

    assert port < 8.0 < gpu


def test_two_causes_are_found_for_one_however_many_are_like_that_one():
    alike = np.tile(np.array([[9.0, 9.0, 9.0, 7.0, 7.0]], np.float32), (5, 1))
    link = np.array([[9.0, 9.0, 9.0, 0.0, 0.0]], np.float32)
    work = np.array([[0.0, 0.0, 0.0, 8.0, 8.0]], np.float32)
    gain = np.concatenate([alike, link, work])
    price = np.array([15.0] * 5 + [9.0, 3.0])

    found = settle(gain, price, split(gain, price, [0]))

    assert sorted(found) == [5, 6]
    assert total(gain, price, found) > total(gain, price, [0])
