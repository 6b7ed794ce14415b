"""The compiled machine: runs conditions on values at each moment, and their alerts."""
