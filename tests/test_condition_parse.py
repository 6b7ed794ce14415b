"""Conditions from text to tree: as CEL reads them, or refused with a place and a reason."""

from time import process_time

import pytest
from cel_expr_python import cel
from conditions import NAMES, conditions, run, signals
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trigger.condition.expression import Parsed
from models.trigger.condition.parse import LONGEST, parse
from models.trigger.condition.tree import ConditionError, Kind, Node, Place

ENVIRONMENT = cel.NewEnv()


def answer(text: str, values: dict[str, float]) -> object:
    """Return what CEL itself makes of a text; a failure as text."""
    return ENVIRONMENT.compile(text, disable_check=True).eval(data=values).value()


@settings(deadline=None)
@given(text=conditions, values=signals)
def test_a_tree_written_out_means_what_its_text_means(text, values):
    written = str(parse(text))

    assert run(written, **values) == run(text, **values)
    assert shape(parse(written)) == shape(parse(text))


@settings(deadline=None)
@given(text=conditions, values=signals)
def test_our_own_messages_lose_nothing_of_the_librarys(text, values):
    told = ENVIRONMENT.compile(text, disable_check=True).serialize()
    again = ENVIRONMENT.deserialize(Parsed.FromString(told).SerializeToString())

    assert again.eval(data=values).value() == answer(text, values)


def shape(node: Node) -> object:
    """Return a tree without its places."""
    return (node.kind, node.word, node.constant, [shape(child) for child in node.children])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2u + 0x1F", "(1 + 2) + 31"),
        ("-1.5e3", "-1500"),
        ("!a && b || c", "((!a) && b) || c"),
        ("a ? b : c", "a ? b : c"),
        ('x.avg("5m")', 'x.avg("5m")'),
        (r"""f('a\n"\\')""", r'f("a\n\"\\")'),
        ("a[1] in [1, true]", "(a[1]) in [1, true]"),
        (".a.b", "a.b"),
        ("a // told\n > 1", "a > 1"),
    ],
)
def test_every_sort_of_part_is_read(text, expected):
    assert str(parse(text)) == expected


def test_parts_know_where_they_stand():
    more = parse("true &&\n  max(b, c) > d.rate").children[1]

    assert more == Node(Kind.CALL, Place(2, 13), "_>_", children=more.children)
    assert more.start == Place(2, 3)
    assert more.children[1].start == Place(2, 15)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", (1, 1), "too early"),
        ("a >", (1, 4), "too early"),
        ("a\n  > 1 )", (2, 7), "`)` does not fit"),
        ("(a > 1", (1, 7), "`)` is missing"),
        ("a > 'x", (1, 5), "not closed"),
        ("a = 1", (1, 3), "write `==`"),
        ("a & b", (1, 3), "write `&&`"),
        ("a | b", (1, 3), "write `||`"),
        ("a > $", (1, 5), "no part of the language"),
        ("a ? b", (1, 6), "wants `:`"),
        ("for > 1", (1, 1), "reserved"),
        ("99999999999999999999 > 1", (1, 1), "too large"),
        ("ä > 1", (1, 1), "no part of the language"),
        ("a\0 > 1", (1, 2), "a character that is none"),
        ("a > 1 \ud800", (1, 7), "a character that is none"),
        ("null == a", (1, 1), "null cannot"),
        ("a > b'x'", (1, 5), "bytes cannot"),
        ("has(a.b)", (1, 4), "known(x)"),
        ("a > 1 && [1].all(x, x > 1)", (1, 17), "`where`"),
        ("{'a': 1} == a", (1, 1), "maps"),
        ("Foo{a: 1} == a", (1, 1), "maps"),
    ],
)
def test_what_is_refused_is_told_with_its_place(text, place, reason):
    with pytest.raises(ConditionError) as refused:
        parse(text)

    assert (refused.value.place, reason in refused.value.reason) == (place, True)
    assert str(refused.value).startswith(f"line {place[0]}, column {place[1]}: ")


DEEP = "a && b && c && "
MALICIOUS = {
    "parentheses": "(" * 1990 + "a" + ")" * 1990,
    "signs and parentheses": "-(" * 1300 + "a" + ")" * 1300,
    "a chain": "+".join("a" * 2000),
    "many parts": "||".join(["a"] * 1300),
    "calls": "f(" * 1300 + "a" + ")" * 1300,
    "fields": "a" + ".b" * 1900,
    "choices": "a?" * 900 + "b" + ":c" * 900,
    "deep and wide": f"({DEEP}" * 200 + "a" + ")" * 200,
    "deep and wide within limits": f"({DEEP}" * 30 + "a" + ")" * 30,
    "a list": "[" + "1," * 1990 + "1]",
    "errors": "$" * 4000,
    "quotes": "'" * 3999,
    "newlines": "\n" * 3999,
    "nested macros": "[1].all(a, " * 30 + "true" + ")" * 30,
    "long": "a" * (LONGEST + 1),
    "very long": "(" * 10_000_000,
}


@pytest.mark.parametrize("text", MALICIOUS.values(), ids=MALICIOUS)
def test_a_malicious_text_is_refused_soon(text):
    before = process_time()

    with pytest.raises(ConditionError) as refused:
        parse(text)

    assert process_time() - before < 2.0
    assert len(str(refused.value)) < 400


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("ab().&|!?:<>=+-*/%'\"[]{},1. \n", max_size=40))
def test_any_text_is_a_tree_or_an_error_with_a_place(text):
    at = place_of_error(text)

    assert 1 <= at.line <= text.count("\n") + text.count("\r") + 1
    assert 1 <= at.column <= len(text) + 1


def place_of_error(text: str) -> Place:
    """Return where a text is refused; where it is not: its begin."""
    try:
        parse(text)
    except ConditionError as error:
        return error.place
    return Place(1, 1)


def test_the_names_of_the_tests_are_points():
    assert [parse(name).word for name in NAMES] == list(NAMES)
