"""The cell of an asset is that of the first pattern that fits, however it is looked up."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from models.names import cells
from schemas.settings import Cell

PARTS = st.sampled_from(["a", "b", "ab", "a*", "?", "*", ""])
PATTERNS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
ASSETS = st.lists(st.sampled_from(["a", "b", "ab", ""]), min_size=1, max_size=4).map("/".join)
WILD = set("*?[")


@given(patterns=st.lists(st.lists(PATTERNS, max_size=3), max_size=5), asset=ASSETS)
def test_the_first_declared_cell_counts_and_a_name_before_every_pattern(patterns, asset):
    declared = [Cell(name=str(i), assets=tuple(some)) for i, some in enumerate(patterns)]
    each = [(one.name, pattern) for one in declared for pattern in one.assets]
    named = [name for name, pattern in each if not WILD & set(pattern) and pattern == asset]
    fits = [name for name, pattern in each if WILD & set(pattern) and fnmatchcase(asset, pattern)]

    assert cells(declared)(asset) == [*named, *fits, asset][0]
