import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.simulate.layout import Layout
from models.site import build
from models.site.found import discovered
from schemas.cascade import Asset, AssetKind, Inventory
from schemas.units import BUILT_IN

POINTS = st.sampled_from(
    [point.name for point in BUILT_IN[::9]] + ["Leaving_Chilled_Water_Temperature_Sensor", "{", ""]
)
NAMES = st.text(max_size=30) | st.sampled_from(["a/b", "/", "//", "a//b", "x" * 300, "node-1/"])


def kinds(*names, **points):
    """Return what each is guessed to be; `points`: of the first."""
    told = {names[0]: points["points"]} if points else None
    return {asset.name: asset.kind.value for asset in discovered(names, told).assets}


@settings(deadline=None)  # the first call compiles
@given(names=st.lists(NAMES), points=st.dictionaries(NAMES, st.lists(POINTS)))
def test_any_names_and_points_make_an_inventory_without_trouble(names, points):
    found = discovered(names, points)

    assert {name for name in names if 0 < len(name) <= 249} <= {a.name for a in found.assets}
    assert build([found])[1] == ()


@given(names=st.lists(NAMES))
def test_a_guess_does_not_depend_on_the_order_of_names(names):
    assert discovered(names) == discovered(reversed(names))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("chiller", "chiller-1 CH-1 CH02 ch_3 Chiller1 plant/CHLR-2 hall1/chiller_a B1-CHILLER-03"),
        ("cooling_tower", "tower-2 CT01 CT-1A cooling_tower_4 CoolingTower-7 plant/DryCooler2"),
        ("pump", "pump-1 CHWP-1 CWP2 chilled_water_pump_3 ups-room-pump-1 P-101 SCHWP_4"),
        ("transformer", "transformer-1 XFMR-2 TX1 TR-03 trafo_2 xfmr2b"),
        ("ups", "ups-1 UPS-A UPS_2B dc1/power/ups3"),
        ("battery", "BESS-1 ups-2-battery-1 BAT01"),
        ("pdu", "pdu-1 PDU-3A rack-7-pdu-b RPP-12 rack12/rpdu1 busway-4"),
        ("generator", "GEN-1 generator_2 genset3 DG-01"),
        ("switchgear", "SWGR-1 ATS-2 MSB-A main_switchgear lv-2 switchboard1"),
        ("breaker", "breaker-1 pdu-3-breaker-7 CB-12 MCCB4"),
        ("cdu", "cdu-1 CDU01 row3/cdu02 nvidia/titan/pod1/cdu01 ThermalEquipment/CDUs/1"),
        ("crah", "crah-1 CRAC-3B AHU-2 FCU_7 hall1/CRAH12"),
        ("valve", "valve-3 VLV-2 CV-101 chiller-1-valve-2"),
        ("heat_exchanger", "HX-1 hx2 heat_exchanger_1 PHX-3"),
        ("rack", "rack-1 R12/rack3 site1/row3/rack05 RACK_A07 cabinet-9"),
        ("node", "node-01 host-7 dgx-a100-03 gpu-node-12 worker3 cn-0012 gpu01.dc1.example.com"),
        ("gpu", "node-01/gpu3 n1/GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52 h/gpu0/mig1 h/nvidia2"),
        ("cpu", "node-1/cpu0 node-1/cpu0/core5 host-1/socket1"),
        ("nvswitch", "node-1/nvswitch1 n/NVSwitch2"),
        (
            "nic",
            "node-01/ib0 node-1/mlx5_0 node-1/mlx5_0/p1 host-7/eth1 n/mlx5_bond_0 host-7/enp3s0f1",
        ),
        ("switch", "leaf-1 spine-2 sw-3 ib-switch-04 tor12 leaf01.dc1.example.com core-1"),
        ("port", "leaf-1/p7 switch-3/eth1 spine-2/Ethernet1/1 leaf-1/12 node-1/gpu0/nvlink3"),
        ("port", "sw-3/swp7 leaf-2/ib0/1 node-1/nvswitch1/nvlink12"),
        ("storage", "node-1/nvme0 oss-3 lustre-mds1 nas-2"),
        ("sensor", "hall-1/sensor-3 rack-1/temp_sensor_2 PowerMeter-3"),
        ("job", "job-4711 train/job12"),
        ("place", "hall-1 row-3 building-2/pump-room-3 dc1/DataHall-B"),
        ("other", "thing foo-1 node-1/0 prometheus Chassis/Tray_1 x1"),
    ],
)
def test_kinds_are_guessed_as_users_spell_them(kind, names):
    guessed = {name: kinds(name)[name] for name in names.split()}

    assert guessed == dict.fromkeys(names.split(), kind)


@pytest.mark.parametrize(
    ("name", "points", "kind"),
    [
        ("h100-0017/0", ["DCGM_FI_DEV_GPU_TEMP"], "gpu"),
        ("raynor", ["node_load1", "node_infiniband_port_state"], "node"),
        ("gpu-07", ["node_memory_MemFree_bytes"], "node"),
        ("hop-r640-12/mlx5_bond_0/p1", ["PortXmitData"], "nic"),
        ("0x0002c90300f172a0/p2", ["PortXmitData", "SymbolErrorCounter"], "port"),
        ("leaf-9/p2", ["PortRcvErrors"], "port"),
        ("node-1/gpu0/nvlink3", ["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL"], "port"),
        ("node-1/x", ["DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT"], "nvswitch"),
        ("M-17", ["Leaving_Chilled_Water_Temperature"], "chiller"),
        ("M-18", ['Outside_Air_Wet_Bulb_Temperature{unit="Cel"}'], "cooling_tower"),
        ("M-19", ["Top_Oil_Temperature"], "transformer"),
        ("M-20", ["On_Battery_Status"], "ups"),
        ("M-21", ["Pump_Rotational_Speed"], "pump"),
        ("pump-3", ["Leaving_Chilled_Water_Temperature"], "pump"),
        ("CH-3", ["Phase_Current"], "pdu"),
        ("M-22", ["Return_Air_Temperature", "Entering_Chilled_Water_Temperature"], "crah"),
    ],
)
def test_points_tell_what_a_name_does_not(name, points, kind):
    assert kinds(name, points=points)[name] == kind


def test_what_is_unnamed_is_told_by_what_stands_below_it():
    assert kinds("h100-0017/gpu0")["h100-0017"] == "node"
    assert kinds("gpu-07/gpu0")["gpu-07"] == "node"
    assert kinds("x/gpu0/mig1")["x/gpu0"] == "gpu"
    guid = "0x0002c90300f172a0"
    ports = [f"{guid}/p{i}" for i in range(1, 5)]
    told = {port: ["PortXmitData"] for port in ports}
    found = {a.name: a.kind for a in discovered(ports, told).assets}
    assert found[guid] is AssetKind.SWITCH


def test_the_parents_of_a_path_contain_it():
    graph, _ = build([discovered(["hall1/rack3/cdu02"])])

    assert [graph.say(i) for i in range(graph.edges)] == [
        "hall1 contains hall1/rack3",
        "hall1/rack3 contains hall1/rack3/cdu02",
    ]


def test_the_simulated_plant_is_told_right_by_names_alone():
    told = Layout(4, 8).assets
    wanted = {"tower": "cooling_tower", "ib": "nic", "leaf": "switch", "spine": "switch"}
    wanted |= dict.fromkeys(("uplink", "spineport"), "port")
    found = kinds(*(name for names in told.values() for name in names))

    for kind, names in told.items():
        assert {found[name] for name in names} == {wanted.get(kind, kind)}


def test_what_is_known_is_left_out_and_helps_to_guess():
    told = Asset(name="x-7", kind=AssetKind.SWITCH, aliases=("10.0.0.7",))
    graph, _ = build([Inventory(site="s", assets=(told,))])

    found = discovered(["x-7", "x-7/3", "10.0.0.7", "y"], graph=graph)

    assert {a.name: a.kind.value for a in found.assets} == {"x-7/3": "port", "y": "other"}
