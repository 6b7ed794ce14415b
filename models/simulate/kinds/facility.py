"""What power and cooling measure; powers in kW everywhere."""

from models.simulate.kinds.sensor import Sensor

METER = 0.0005
"""How steadily a power meter of class 0.2 tells a steady load, relative."""

TOWER = (
    Sensor("Leaving_Condenser_Water_Temperature", "tower.leaving", "Cel", 0, 80, 1, 0.05),
    Sensor("Entering_Condenser_Water_Temperature", "tower.entering", "Cel", 0, 90, 1, 0.05),
    Sensor("Outside_Air_Wet_Bulb_Temperature", "tower.wet_bulb", "Cel", -30, 40, 1, 0.05),
    Sensor("Fan_Speed", "tower.fan", "%", 0, 100, 1, 0.2),
    Sensor("Active_Power", "tower.power", "kW", 0, 1e6, 2, 0.01),
)
CHILLER = (
    Sensor("Leaving_Chilled_Water_Temperature", "chiller.leaving", "Cel", 0, 60, 1, 0.05),
    Sensor("Entering_Chilled_Water_Temperature", "chiller.entering", "Cel", 0, 90, 1, 0.05),
    Sensor("Chilled_Water_Temperature_Setpoint", "chiller.setpoint", "Cel", 0, 30, 1),
    Sensor("Capacity_Used", "chiller.used", "%", 0, 200, 1, 0.3),
    Sensor("Active_Power", "chiller.power", "kW", 0, 1e6, 2, 0.02),
)
PUMP = (
    Sensor("Pump_Speed", "pump.speed", "%", 0, 100, 1, 0.1),
    Sensor("Water_Flow", "pump.flow", "m3/h", 0, 1e5, 2, 0.02),
    Sensor("Differential_Pressure", "pump.pressure", "kPa", 0, 600, 1, 0.8),
    Sensor("Vibration", "pump.vibration", "mm/s", 0, 50, 2, 0.05),
    Sensor("Active_Power", "pump.power", "kW", 0, 1e6, 2, 0.01),
)
TRANSFORMER = (
    Sensor("Output_Voltage", "transformer.voltage", "V", 0, 600, 1, 0.4),
    Sensor("Load_Current", "transformer.current", "A", 0, 1e6, 1, 0.1, share=METER),
    Sensor("Output_Frequency", "transformer.frequency", "Hz", 40, 70, 2, 0.01),
    Sensor("Active_Power", "transformer.power", "kW", 0, 1e6, 2, 0.03, share=METER),
    Sensor("Top_Oil_Temperature", "transformer.oil", "Cel", -30, 150, 1, 0.06),
)
UPS = (
    Sensor("Input_Voltage", "ups.input", "V", 0, 600, 1, 0.4),
    Sensor("Output_Voltage", "ups.output", "V", 0, 600, 1, 0.2),
    Sensor("Battery_Charge_Level", "ups.charge", "%", 0, 100, 1),
    Sensor("On_Battery_Status", "ups.on_battery", "count", 0, 1, 0),
    Sensor("Load_Level", "ups.load", "%", 0, 200, 1, 0.1),
    Sensor("Active_Power", "ups.power", "kW", 0, 1e6, 2, 0.03, share=METER),
)
UTILITY = (
    Sensor("Voltage", "utility.voltage", "V", 0, 20_000, 0, 8.0),
    Sensor("Frequency", "utility.frequency", "Hz", 40, 70, 2, 0.01),
    Sensor("Active_Power", "utility.power", "kW", 0, 1e6, 1, 0.1, share=METER),
)
PDU = (
    Sensor("Input_Voltage", "pdu.input", "V", 0, 600, 1, 0.2),
    Sensor("Load_Current", "pdu.current", "A", 0, 1e6, 1, 0.1, share=METER),
    Sensor("Active_Power", "pdu.power", "kW", 0, 1e6, 2, 0.02, share=METER),
    Sensor("Breaker_Status", "pdu.closed", "count", 0, 1, 0),
)
CDU = (
    Sensor("Supply_Water_Temperature", "cdu.supply", "Cel", 0, 60, 1, 0.05),
    Sensor("Return_Water_Temperature", "cdu.return", "Cel", 0, 120, 1, 0.05),
    Sensor("Water_Flow", "cdu.flow", "m3/h", 0, 1e5, 2, 0.02),
    Sensor("Pump_Speed", "cdu.speed", "%", 0, 100, 1, 0.1),
    Sensor("Differential_Pressure", "cdu.pressure", "kPa", 0, 600, 1, 0.8),
    Sensor("Active_Power", "cdu.power", "kW", 0, 1e6, 2, 0.01),
)
RACK = (
    Sensor("Inlet_Air_Temperature", "rack.inlet", "Cel", -10, 80, 1, 0.12),
    Sensor("Supply_Water_Temperature", "rack.supply", "Cel", 0, 60, 1, 0.05),
    Sensor("Return_Water_Temperature", "rack.return", "Cel", 0, 120, 1, 0.05),
    Sensor("Water_Flow", "rack.flow", "m3/h", 0, 1e5, 2, 0.02),
    Sensor("Active_Power", "rack.power", "kW", 0, 1e6, 2, 0.02, share=METER),
    Sensor("Breaker_Status", "rack.closed", "count", 0, 1, 0),
    Sensor("Leak_Alarm", "rack.leaks", "count", 0, 1, 0),
)
