"""What an operator sets is false alarms a day; what a score is held against follows from it."""

from math import log10

TOP = 300.0  # no threshold is higher


def threshold(alarms_a_day: float, samples_a_day: float) -> float:
    """Return the score that healthy samples reach so often a day, 0.0..300.0.

    Both > 0.0, of one signal or of all together: a score is -log10 of the probability of a sample.
    """
    return min(max(log10(samples_a_day / alarms_a_day), 0.0), TOP)


def alarms_a_day(threshold: float, samples_a_day: float) -> float:
    """Return how many healthy samples a day reach `threshold`: its inverse."""
    return float(samples_a_day * 10.0**-threshold)
