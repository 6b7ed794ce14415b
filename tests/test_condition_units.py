"""Units: what they are made of, what may stand together, and what mends it where they may not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trigger.condition.units import (
    BARE,
    UNKNOWN,
    UnitError,
    factor,
    measured,
    product,
    root,
    together,
)
from schemas.units import BUILT_IN
from schemas.units.dimension import ONE, unit_of

TEXTS = sorted({point.unit for point in BUILT_IN if point.unit})
texts = st.sampled_from([*TEXTS, "kW", "kWh", "Gb/s", "m2/s3", "mm/s", "furlong"])


@pytest.mark.parametrize("text", TEXTS)
def test_every_unit_of_the_vocabulary_is_made_of_known_ones(text):
    bases = {base for base, _ in unit_of(text).powers}

    assert bases <= {"m", "kg", "s", "A", "K", "By"}


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("W", "J/s"),
        ("W", "V.A"),
        ("Pa", "N/m2"),
        ("J", "W.s"),
        ("By/s", "B/s"),
        ("kWh", "kW.h"),
        ("Hz", "1/s"),
        ("count/s", "Hz"),
        ("m/s2", "m.s-2"),
        ("1", "count"),
    ],
)
def test_units_are_the_same_by_what_they_are_made_of(one, same):
    a, b = unit_of(one), unit_of(same)

    assert (a.powers, a.scale) == (b.powers, pytest.approx(b.scale))


@settings(deadline=None)
@given(a=texts, b=texts)
def test_what_is_multiplied_and_divided_again_is_what_it_was(a, b):
    whole = unit_of(a).times(unit_of(b)).times(unit_of(b), -1)

    assert (whole.powers, whole.scale) == (unit_of(a).powers, pytest.approx(unit_of(a).scale))
    assert unit_of(a).times(unit_of(a), -1).powers == ONE.powers


@settings(deadline=None)
@given(a=texts, b=texts)
def test_two_units_go_together_either_way_or_neither(a, b):
    def goes(one, other):
        try:
            together(measured(one), measured(other))
        except UnitError:
            return False
        return True

    assert goes(a, b) == goes(b, a)
    assert goes(a, a)


@settings(deadline=None)
@given(text=texts)
def test_bare_numbers_and_unknown_units_go_with_everything(text):
    one = measured(text)

    assert together(one, BARE) == together(BARE, one) == together(one, UNKNOWN) == one
    assert product(one, UNKNOWN).powers is None


@settings(deadline=None)
@given(a=texts, b=texts)
def test_what_mends_a_mismatch_does_mend_it(a, b):
    one, other = measured(a), measured(b)
    try:
        together(one, other)
    except UnitError as error:
        if str(error):
            times = factor(float(str(error).rpartition(" ")[2]))
            is_first = "the first" in str(error)
            mended = product(one if is_first else other, times)
            assert together(mended, other if is_first else one)


@settings(deadline=None)
@given(text=texts)
def test_the_root_of_a_square_is_what_it_was(text):
    again = root(product(measured(text), measured(text)))

    assert together(again, measured(text)).powers == measured(text).powers


@settings(deadline=None)
@given(st.text(max_size=20) | st.text("./*-123WkmCel%", max_size=20))
def test_any_text_is_a_unit_be_it_one_of_its_own(text):
    assert together(measured(text), measured(text)) == measured(text)
