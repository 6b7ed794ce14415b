"""One cause or another: what physics tells apart, at a site of somebody else's."""

import numpy as np
import pytest
from foreign_site import (
    GPUS,
    HOSTS,
    POWER,
    SECOND,
    START_NS,
    SYMBOLS,
    TEMP,
    WAITED,
    WORK,
    anomaly,
    closed,
    cooling_lost,
    last,
    returned,
    silent,
    site,
    told,
    worse,
)

from models.cascade.cascade import reasoner
from models.cascade.delays import Delays
from models.cascade.explain import Explained, Rival
from models.cascade.groups import Groups, signs
from models.cascade.idle import Seen
from models.cascade.incidents import Incidents, Place
from models.cascade.says import Says
from models.cascade.spread import Course, Spread
from models.cascade.telling import RANKED
from models.site import build
from schemas.anomaly import AnomalyKind, Detector, Ended
from schemas.cascade import Fault, Stage


@pytest.fixture(scope="module")
def graph():
    return build([site()])[0]


def tower_asked_for_less(at_s):
    yield anomaly("CT-4", "Active_Power", at_s, up=False)
    yield anomaly("CT-4", "Fan_Speed", at_s + 2, up=False)
    yield anomaly("CT-4", "Leaving_Water_Temperature", at_s + 16, up=False)


def test_a_tower_that_is_asked_for_less_is_not_why_its_chiller_tripped(graph):
    (incident,) = last(graph, [*cooling_lost(), *tower_asked_for_less(14)], 150)

    assert incident.causes[0].asset == "CH-4"
    assert "CT-4" in {one.asset for one in incident.followers}


def test_a_tower_whose_water_is_hot_is_why_its_chiller_works_harder(graph):
    tower = anomaly("CT-4", "Fan_Speed", 10, up=False), anomaly("CT-4", "Water_Temperature", 25)
    chiller = (
        anomaly("CH-4", "Entering_Condenser_Water_Temperature", 40),
        anomaly("CH-4", "Active_Power", 45),
    )
    (incident,) = last(graph, [*tower, *chiller])

    assert incident.causes[0].asset == "CT-4"


def rack_without_power():
    yield anomaly("R1", "Breaker_Status", 9, up=False)
    for i, host in enumerate(HOSTS[:3]):
        yield silent(host, 9)
        yield anomaly(f"LEAF7/{i}", "LinkDownedCounter", 10)


def rack_that_starts():
    yield anomaly("R1", "Active_Power", 62)
    for i, host in enumerate(HOSTS[:3]):
        yield anomaly(f"LEAF7/{i}", SYMBOLS, 64)
        yield anomaly(f"{host}/mlx5_0", SYMBOLS, 65)
        for g in range(GPUS):
            yield anomaly(f"{host}/GPU{g}", TEMP, 70, up=False)


def test_a_cause_that_is_well_takes_no_signs_of_another_that_is_there(graph):
    cable = [anomaly(end, SYMBOLS, 5) for end in ("dgx-a/mlx5_0", "LEAF7/0")]
    chiller = anomaly("CH-4", "Active_Power", 30, up=False)
    warm = [anomaly(host, "Inlet_Air_Temperature", 90 + i) for i, host in enumerate(HOSTS[:3])]
    found = told(graph, [*cable, *(closed(one, 40) for one in cable), chiller, *warm], 300)

    last_of = {body.causes[0].asset: body for body in found}
    over = [body.stage for body in found if body.causes[0].ends]
    assert last_of["CH-4"].radius.assets >= 4
    assert over[-1] is Stage.RESOLVED


def test_what_starts_again_after_power_came_back_is_part_of_its_incident(graph):
    down = list(rack_without_power())
    found = told(graph, [*down, *(closed(one, 60) for one in down), *rack_that_starts()], 400)

    assert {body.causes[0].asset for body in found} == {"R1"}
    assert len({body.incident for body in found}) == 1


def test_a_feed_whose_others_go_on_as_before_is_not_to_blame(graph):
    parts = [f"dgx-b/GPU{g}" for g in range(GPUS)]
    (incident,) = last(graph, [silent(one, 9) for one in ("dgx-b", "dgx-b/mlx5_0", *parts)])

    first, *others = incident.causes
    assert first.asset == "dgx-b"
    assert all(one.probability < 0.2 for one in others)


def test_a_gpu_that_works_while_its_peers_wait_for_it_is_the_cause(graph):
    peers = [anomaly(f"dgx-d/GPU{g}", WORK, 12, up=False) for g in (0, 1, 3)]
    hung = [
        anomaly("dgx-d/GPU2", point, 10, kind=AnomalyKind.PEER)
        for point in ("DCGM_FI_DEV_GPU_UTIL", POWER)
    ]
    (incident,) = last(graph, [*hung, *peers])

    assert incident.causes[0].asset == "dgx-d/GPU2"


def test_a_gpu_that_only_does_more_than_its_peers_is_no_incident(graph):
    busy = [
        anomaly("dgx-d/GPU2", point, 10, kind=AnomalyKind.PEER)
        for point in ("DCGM_FI_DEV_GPU_UTIL", POWER)
    ]

    assert last(graph, busy) == []


def test_an_older_congestion_does_not_take_a_new_cable_in(graph):
    old = anomaly("LEAF7/4", WAITED, 10)
    cable = [anomaly(end, SYMBOLS, 600) for end in ("dgx-b/mlx5_0", "LEAF7/1")]
    found = last(graph, [old, *cable], 640)

    assert {"dgx-b/mlx5_0", "LEAF7/1"} in [set(body.causes[0].ends) for body in found]


def test_a_switch_that_waits_with_all_that_send_into_it_is_congested(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    waits = [anomaly(name, WAITED, 10) for name in names]
    (incident,) = last(graph, waits)

    assert incident.causes[0].asset == "LEAF7"
    assert incident.causes[0].fault is Fault.CONGESTION


def test_links_that_are_used_to_their_capacity_are_no_incident_until_somebody_waits(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    full = [anomaly(name, "PortXmitData", 10, kind=AnomalyKind.LIMIT, score=0.0) for name in names]
    waits = [anomaly(name, WAITED, 400) for name in names]

    assert last(graph, full, 380) == []
    assert len(last(graph, [*full, *waits], 500)) == 1


def test_two_neighbours_that_read_the_same_at_once_are_no_wrong_readings(graph):
    def cold(asset, at_s):
        return anomaly(asset, "Entering_Water_Temperature", at_s, up=False, interval_s=1.0)

    (alone,) = last(graph, [cold("CH-4", 10)], 400)

    assert alone.causes[0].fault is Fault.SENSOR
    assert last(graph, [cold("CH-4", 10), cold("CT-4", 15)], 400) == []


def test_a_reading_as_where_less_is_to_do_must_be_wrong_by_more(graph):
    def cold(score):
        return anomaly("CH-4", "Water_Temperature", 10, up=False, score=score, interval_s=1.0)

    assert last(graph, [cold(7.5)], 400) == []
    assert len(last(graph, [cold(20.0)], 400)) == 1


def test_a_job_that_does_other_work_may_do_so_again(graph):
    idle = [
        anomaly(f"{host}/GPU{g}", WORK, 10, up=False) for host in HOSTS[:3] for g in range(GPUS)
    ]
    warm = [anomaly(host, "Outlet_Air_Temperature", 220, score=8.0) for host in HOSTS[:3]]

    assert last(graph, [*idle, *warm], 300) == []


def test_a_port_that_waits_as_ever_while_its_peers_have_less_to_send_is_not_congested(graph):
    apart = anomaly("LEAF7/2", WAITED, 10, kind=AnomalyKind.PEER, interval_s=5.0)
    itself = anomaly("LEAF7/2", WAITED, 10, interval_s=1.0)
    idle = anomaly("LEAF7/5", "PortXmitData", 200, up=False)

    assert last(graph, [apart, idle], 400) == []
    (incident,) = last(graph, [itself, apart], 400)
    assert incident.causes[0].asset == "LEAF7/2"


def test_one_that_shows_what_was_expected_makes_the_others_likelier(graph):
    spread = Spread(reasoner(graph), Delays())
    cause = Rival(graph.place("CH-4"), -1, list(Fault).index(Fault.COOLING), 1.0, 0.0)
    course = spread.course(cause)
    gpus = np.array([graph.names[asset].endswith("GPU0") for asset in course.assets])
    none = np.zeros(course.assets.size, np.bool_)
    row = course.rows(np.array([graph.place("dgx-a/GPU1")]))[0]

    before, after = (spread.likely(course, seen, 150.0, 1.0)[row] for seen in (none, gpus))
    late = spread.likely(course, none, 3000.0, 1.0)[row]
    assert late < before < after <= 1.0


@pytest.mark.parametrize(("after_s", "most"), [(1.0, 0.3), (200.0, 0.95)])
def test_what_comes_at_once_and_has_not_come_with_most_is_not_surely_next(graph, after_s, most):
    spread, many = Spread(reasoner(graph), Delays()), 100
    rows = np.arange(many)
    same = np.zeros(many, np.int64)
    ways = rows, same, np.full(many, 0.2), np.full(many, after_s), same
    course = Course(*ways, states=rows, parent=rows, how=rows)

    likely = spread.likely(course, rows < many // 10, 5.0, 1.0)[many // 10 :]

    assert most - 0.1 <= likely.min() <= likely.max() <= most + 1e-9


def test_a_pump_whose_vibration_grows_is_told_before_anything_follows(graph):
    vibration = anomaly("CDU-1", "Pump_Vibration", 10, score=7.9)

    assert not last(graph, [vibration], 60)
    (incident,) = last(graph, [vibration, worse(vibration, 40, 20.0)], 60)
    assert incident.causes[0].asset == "CDU-1"


def test_gpus_that_are_hot_in_one_host_alone_are_hot_for_its_sake(graph):
    hot = [anomaly(f"dgx-b/GPU{g}", TEMP, 10 + 9 * g) for g in range(3)]
    (incident,) = last(graph, hot, 150)

    assert incident.causes[0].asset == "dgx-b"


def test_a_ups_that_is_fed_too_little_is_not_why(graph):
    sag = (
        anomaly("UPS-A", "Input_Voltage", 10, up=False),
        anomaly("UPS-A", "On_Battery_Status", 11),
        anomaly("CH-4", "Input_Voltage", 11, up=False),
    )
    (incident,) = last(graph, sag)

    assert incident.causes[0].asset in {"XFMR-9", "GRID"}


def test_water_that_is_given_hot_speaks_against_who_gives_it(graph):
    given = anomaly("R1", "Entering_Water_Temperature", 10)
    pump = anomaly("CDU-1", "Pump_Speed", 8, up=False)
    (incident,) = last(graph, [pump, given], 200)

    assert incident.causes[0].asset == "CDU-1"
    assert "R1" in {one.asset for one in incident.followers}


def adopted(events, at_s):
    """Return the ends of anomalies whose signals stay where they are."""
    return [closed(event, at_s, Ended.ADOPTED) for event in events]


def test_what_detectors_take_for_usual_now_is_not_over(graph):
    cable = [anomaly(end, SYMBOLS, 10) for end in ("dgx-b/mlx5_0", "LEAF7/1")]

    stays = told(graph, [*cable, *adopted(cable, 310)], 600)
    over = told(graph, [*cable, *(closed(one, 310) for one in cable)], 600)

    assert stays[0].stage is Stage.OPENED
    assert {body.stage for body in stays} <= {Stage.OPENED, Stage.UPDATED}
    assert over[-1].stage is Stage.RESOLVED


def test_what_comes_back_after_it_was_taken_for_usual_is_over_and_no_sign_of_its_own(graph):
    cable = [anomaly(end, SYMBOLS, 10) for end in ("dgx-b/mlx5_0", "LEAF7/1")]
    back = [returned(one, 500) for one in cable]

    found = told(graph, [*cable, *adopted(cable, 310), *back, *adopted(back, 800)], 1400)

    assert len({body.incident for body in found}) == 1
    assert found[-1].stage is Stage.RESOLVED
    assert found[-1].folded == len(cable) + len(back)


def test_what_stays_for_as_long_again_is_usual_at_last(graph):
    cable = [anomaly(end, SYMBOLS, 10) for end in ("dgx-b/mlx5_0", "LEAF7/1")]

    assert told(graph, [*cable, *adopted(cable, 310)], 800)[-1].stage is Stage.RESOLVED


def test_the_first_sign_of_an_incident_speaks_as_long_as_it_lasts(graph):
    """A breaker tells once that it opened; what it feeds stays dark."""
    tripped = anomaly("R1", "Breaker_Status", 10, up=False)
    dark = [silent(f"dgx-a/GPU{g}", 6) for g in range(GPUS)]
    dark += [silent(name, 6) for name in ("dgx-a", "dgx-b")]

    (incident,) = last(graph, [tripped, *dark, closed(tripped, 15)], 500)

    assert incident.causes[0].asset == "R1"
    assert incident.stage is not Stage.RESOLVED


def test_a_transformer_whose_voltage_rises_as_its_ups_takes_nothing_is_not_the_cause(graph):
    unloaded = (
        anomaly("UPS-A", "On_Battery_Status", 10),
        anomaly("XFMR-9", "Active_Power", 10, up=False),
        anomaly("GRID", "Active_Power", 10, up=False),
        anomaly("XFMR-9", "Output_Voltage", 21),
    )
    (incident,) = last(graph, unloaded)

    assert incident.causes[0].asset == "UPS-A"


def test_followers_do_not_draw_the_cause_towards_them(graph):
    """However many become warm below, it is the tower whose water was hot before all."""
    tower = anomaly("CT-4", "Leaving_Water_Temperature", 10), anomaly("CT-4", "Fan_Speed", 12)
    chain = [anomaly("CH-4", "Leaving_Chilled_Water_Temperature", 70)]
    chain += [anomaly(cdu, "Supply_Water_Temperature", 90) for cdu in ("CDU-1", "CDU-2")]
    warm = [anomaly(f"{h}/GPU{g}", TEMP, 130 + g) for h in HOSTS for g in range(GPUS)]

    for events in ([*tower, *chain], [*tower, *chain, *warm]):
        (incident,) = last(graph, events, 200)
        assert incident.causes[0].asset == "CT-4"


def test_a_sensor_that_stays_stuck_is_an_incident_of_its_own(graph):
    point = "Leaving_Chilled_Water_Temperature"
    stuck = anomaly("CH-4", point, 60, kind=AnomalyKind.STUCK, score=0.0)

    assert last(graph, [stuck], 70) == []
    (incident,) = last(graph, [stuck], 300)
    assert (incident.causes[0].asset, incident.causes[0].fault) == ("CH-4", Fault.SENSOR)


def alike(first):
    """Return an explanation by many that are as likely, `first` at the head, and its signs."""
    names = [f"{host}/{part}" for host in HOSTS for part in ("mlx5_0", "GPU0")]
    places = [Place(name, "") for name in (*names[first:], *names[:first])]
    fault = list(Fault).index(Fault.COMPUTE)
    rivals = tuple(Rival(i, -1, fault, 1.0 / len(places), 0.0) for i in range(len(places)))
    explained = Explained(rivals, np.zeros(0, np.int64), worth=50.0, own=1.0, beyond=50.0)
    return explained, frozenset({(names[0], int(Says.ERROR))}), tuple(places)


def test_what_lasts_counts_by_the_samples_in_which_it_did(graph):
    def hot(interval_s):
        return anomaly("CH-4", "Chilled_Water_Temperature", 5, score=8.0, interval_s=interval_s)

    (incident,) = last(graph, [hot(1.0)], 120)

    assert incident.causes[0].asset == "CH-4"
    assert last(graph, [hot(60.0)], 600) == []


@pytest.mark.parametrize("kind", AnomalyKind)
def test_every_kind_of_anomaly_is_a_sign_but_what_is_to_come_and_what_was_mended(kind):
    key = Groups().take(anomaly("CH-4", "", 5, kind=kind), START_NS)

    assert (key is None) == (kind in {AnomalyKind.TREND, AnomalyKind.REPAIR})


def test_one_that_is_near_its_capacity_and_no_link_may_be_why(graph):
    (incident,) = last(graph, [anomaly("CDU-1", "Valve_Position", 5, kind=AnomalyKind.LIMIT)], 400)

    assert incident.causes[0].asset == "CDU-1"


def test_what_nobody_knows_the_meaning_of_is_no_fault_for_lasting(graph):
    at = {"score": 30.0, "interval_s": 1.0}
    known = anomaly("CH-4", "Chilled_Water_Temperature", 5, **at)
    unheard_of = anomaly("CH-4", "something nobody has heard of", 5, **at)

    assert len(last(graph, [known], 600)) == 1
    assert last(graph, [unheard_of], 600) == []


def test_only_what_feeds_others_is_hot_for_a_fault_of_its_power(graph):
    lost = [anomaly(f"{HOSTS[5]}/GPU{g}", POWER, 20, up=False) for g in range(GPUS)]
    node = anomaly(HOSTS[5], "Outlet_Air_Temperature", 5, interval_s=1.0)
    (fed,) = last(graph, [anomaly("XFMR-9", "Top_Oil_Temperature", 5, interval_s=1.0)], 300)
    named = {(i.causes[0].asset, i.causes[0].fault) for i in told(graph, [node, *lost], 120)}

    assert fed.causes[0].fault is Fault.POWER
    assert named
    assert (HOSTS[5], Fault.POWER) not in named


def test_a_beginning_is_known_to_so_many_samples_as_its_detector_needs():
    def slack(detector, interval_s):
        groups, place = Groups(), np.zeros(1, np.uint8)
        event = anomaly("A", TEMP, 5, detector=detector, interval_s=interval_s)
        groups.take(event, START_NS)
        return float(signs(list(groups.all.values()), [0], place, START_NS).slack_s[0])

    assert slack(Detector.JUMP, 1.0) < slack(Detector.LEVEL, 1.0) < slack(Detector.LEVEL, 60.0)
    assert slack(Detector.JUMP, 60.0) >= 60.0
    assert slack(Detector.JUMP, 0.01) >= 1.0


def test_where_many_may_be_the_cause_the_one_that_was_named_stays_named(graph):
    groups = Groups()
    groups.take(anomaly("dgx-a/mlx5_0", SYMBOLS, 10), START_NS)
    incidents = Incidents("s")

    for step, first in enumerate((3, 0, 4, 7)):
        seen = Seen(graph, groups.all, START_NS + (20 + 20 * step) * SECOND)
        incidents.step([alike(first)], seen)
        assert [one.place for one in incidents.all] == [alike(3)[2][0]]


def test_all_that_are_as_likely_are_ranked(graph):
    """More than are told: the one that was named must be found among them."""
    names = [f"{host}/mlx5_0" for host in HOSTS] + ["LEAF7"]
    groups = Groups()
    for name in names:
        groups.take(anomaly(name, WAITED, 10), START_NS)
    some = list(groups.all.values())
    places = [graph.place(group.asset) for group in some]

    (found, *_) = reasoner(graph).explain(signs(some, places, graph.kinds, START_NS), 0.0)

    assert len(found.rivals) > RANKED
    assert len(last(graph, [anomaly(name, WAITED, 10) for name in names])[0].causes) == RANKED


def test_losses_come_of_a_crowd_and_errors_do_not(graph):
    names = ("LEAF7", *(f"{host}/mlx5_0" for host in HOSTS))
    waits = [anomaly(name, WAITED, 10) for name in names]
    lost, wrong = (
        last(graph, [*waits, anomaly("dgx-a/mlx5_0", point, 12)])
        for point in ("rx_discards_phy", SYMBOLS)
    )

    assert [one.causes[0].asset for one in lost] == ["LEAF7"]
    assert {"dgx-a/mlx5_0", "LEAF7/0"} & {end for one in wrong for end in one.causes[0].ends}


def test_of_ports_that_wait_the_one_that_waits_by_far_the_most_is_next_to_the_cause(graph):
    ports = [f"LEAF7/{i}" for i in range(len(HOSTS))]
    waits = [anomaly(port, WAITED, 10) for port in ports]
    peers = [
        anomaly(port, WAITED, 30, kind=AnomalyKind.PEER, value=90.0 if port == ports[2] else 20.0)
        for port in ports
    ]
    (incident,) = last(graph, [*waits, *peers], 90)

    first = incident.causes[0]
    assert ports[2] in {first.asset, *first.ends}
