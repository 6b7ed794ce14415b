"""Texts in conditions on values: what may be asked of them, and what is said of all else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.trigger.condition.compile import ConditionError, condition
from models.trigger.condition.names import Vocabulary
from models.trigger.condition.program import Feature, Trait
from schemas.trigger import Each, Input
from schemas.units import Point

X = Vocabulary((Point(name="x"),))
texts = st.text("ab1-", max_size=4)


@given(name=texts, asked=texts)
def test_each_trait_is_as_python_and_cel_have_it(name, asked):
    names = {"asset": name}

    assert Trait("asset", "==", (asked,)).holds(names) == (name == asked)
    assert Trait("asset", "startsWith", (asked,)).holds(names) == name.startswith(asked)
    assert Trait("asset", "endsWith", (asked,)).holds(names) == name.endswith(asked)
    assert Trait("asset", "contains", (asked,)).holds(names) == (asked in name)
    assert Trait("asset", "==", (asked, name)).holds(names)


def test_what_is_asked_twice_stands_once():
    program = condition('x > 1 && (asset == "a" || !(asset == "a"))', X).program

    assert program.traits == (Trait("asset", "==", ("a",)),)
    assert [one.feature for one in program.loads] == [Feature.VALUE, Feature.TRAIT]


def test_names_of_where_are_signals_whatever_they_are_called():
    program = condition("asset > 1", X.within({"asset": Input(point="x")})).program

    assert program.traits == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('asset == "a"', "names no signal: nothing says when it is to be asked"),
        ("x > 1 && labels.port == 1", '`1` is no text: write it in quotes, `"1"`'),
        ("x > 1 && labels.port", '`labels.port` is a text: compare it, `labels.port == "..."`'),
        ('x > 1 && asset.matches("gpu.*")', "`matches` cannot be asked of a text: there are"),
        ("x > 1 && asset.size() > 3", "`size` cannot be asked of a text: there are `==`, `!=`"),
        ('x > 1 && asset + "x" == "ax"', "`+` cannot be asked of a text: there are"),
        ('x > 1 && asset.lowerAscii() == "a"', "`lowerAscii` cannot be asked of a text"),
        ('x > 1 && asset.startsWith("a", "b")', "`startsWith` is written"),
        ('x > 1 && asset in "abc"', "is no list of texts: write"),
        ("x > 1 && asset in []", "is no list of texts: write"),
        ("x > 1 && labels == 3", "a label is asked for by its name"),
        ('x > 1 && x == "a"', "texts stand for windows"),
    ],
)
def test_what_texts_cannot_be_asked_says_what_can(text, said):
    with pytest.raises(ConditionError) as caught:
        condition(text, X)

    assert said in str(caught.value)


def test_cells_have_no_asset_and_no_labels():
    cells = X.within({}, Each.CELL)

    assert condition('x > 1 && cell == "hall"', cells).program.traits
    with pytest.raises(ConditionError, match="the rule is asked of cells, there is `cell`"):
        condition('x > 1 && asset == "hall"', cells)
