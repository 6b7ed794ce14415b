"""What can break in power and cooling."""

from models.simulate.fault_kinds.row import (
    INLET,
    KILOWATTS,
    TEMP,
    FaultKind,
    Sign,
)

FACILITY: dict[str, FaultKind] = {
    "pdu_trip": FaultKind(
        "pdu",
        (("pdu.tripped", 1.0),),
        0.0,
        (
            Sign("itself", "Breaker_Status", 5),
            Sign("itself", KILOWATTS, 10),
            Sign("ups", KILOWATTS, 10),
            Sign("pdu_nodes", "", 5),
        ),
        "a PDU's breaker opens: its racks are dark, load falls upstream",
    ),
    "cdu_pump": FaultKind(
        "cdu",
        (("cdu.pump_lost", 0.9),),
        20.0,
        (
            Sign("itself", "Water_Flow", 10),
            Sign("itself", "Differential_Pressure", 20),
            Sign("cdu_racks", "Water_Flow", 20),
            Sign("cdu_nodes", INLET, 120),
        ),
        "a CDU's pump fails: no flow in its racks, warmer nodes",
    ),
    "chiller_trip": FaultKind(
        "chiller",
        (("chiller.tripped", 1.0),),
        0.0,
        (
            Sign("itself", KILOWATTS, 10),
            Sign("itself", "Leaving_Chilled_Water_Temperature", 30),
            Sign("loop_cdus", "Supply_Water_Temperature", 60),
            Sign("nodes_cooled", INLET, 120),
            Sign("gpus_cooled", TEMP, 180),
        ),
        "a chiller stops: its water warms, then CDUs, nodes and GPUs",
    ),
    "tower_fan_stuck": FaultKind(
        "tower",
        (("tower.stuck", 1.0),),
        0.0,
        (
            Sign("itself", "Fan_Speed", 20),
            Sign("itself", "Leaving_Condenser_Water_Temperature", 60),
            Sign("chillers", "Capacity_Used", 240),
            Sign("chillers", "Leaving_Chilled_Water_Temperature", 400),
            Sign("nodes_cooled", INLET, 500),
            Sign("gpus_cooled", TEMP, 600),
        ),
        "a cooling tower's fan stands: water, chiller, nodes, GPUs get warm",
    ),
    "tower_scaled": FaultKind(
        "tower",
        (("tower.fouling", 3.0),),
        120.0,
        (
            Sign("itself", "Fan_Speed", 30),
            Sign("itself", "Leaving_Condenser_Water_Temperature", 240),
        ),
        "a cooling tower's fill is blocked within minutes: its fan works harder",
    ),
    "pump_cavitation": FaultKind(
        "pump",
        (("pump.cavitation", 0.8),),
        60.0,
        (
            Sign("itself", "Vibration", 20),
            Sign("itself", "Differential_Pressure", 30),
            Sign("itself", "Water_Flow", 30),
            Sign("chillers", "Entering_Chilled_Water_Temperature", 90),
            Sign("nodes_cooled", INLET, 150),
        ),
        "a pump works in vapour: it vibrates, less water flows",
    ),
    "ups_on_battery": FaultKind(
        "ups",
        (("ups.rectifier_lost", 1.0),),
        0.0,
        (
            Sign("itself", "On_Battery_Status", 5),
            Sign("itself", "Output_Voltage", 5),
            Sign("itself", "Battery_Charge_Level", 60),
            Sign("ups_pdus", "Input_Voltage", 5),
        ),
        "a UPS loses its rectifier: the battery carries the load, then nothing does",
    ),
    "feed_sag": FaultKind(
        "transformer",
        (("transformer.sag", 0.3),),
        30.0,
        (
            Sign("itself", "Output_Voltage", 10),
            Sign("itself", "Load_Current", 20),
            Sign("ups", "Input_Voltage", 10),
            Sign("ups", "On_Battery_Status", 40),
        ),
        "a transformer's voltage sags: its UPS goes on battery",
    ),
    "transformer_hot": FaultKind(
        "transformer",
        (("transformer.hot", 1.0),),
        30.0,
        (Sign("itself", "Top_Oil_Temperature", 60),),
        "a transformer's cooling fails: oil warms for an hour, then its voltage falls",
    ),
    "grid_sag": FaultKind(
        "utility",
        (("utility.sag", 0.2),),
        5.0,
        (
            Sign("itself", "Voltage", 5),
            Sign("transformers", "Output_Voltage", 10),
            Sign("all_ups", "On_Battery_Status", 20),
        ),
        "the grid's voltage sags: every UPS goes on battery",
    ),
}
