"""Conditions in CEL: parsed, checked, compiled."""
