"""Anomalies to incidents: the fewest causes whose spreading explains what is seen."""
