"""What agents do to numbers, undone and said: rates of counters, units, kinds, last events."""
