"""What other rules can do, beside ours: each row of the table has a test, or is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "deploy" / "rules.md").read_text()
SHOWN = ROOT / "tests" / "test_rule_features.py"


def rows():
    """Return the rows of every table: feature, ours, tests."""
    lines = [line for line in TABLE.splitlines() if line.startswith("| ")]
    cells = [[one.strip() for one in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("- ") and row[0] != "theirs"]


def test_every_test_that_the_table_names_exists():
    named = re.findall(r"`(test_\w+)`", TABLE)
    there = "\n".join(path.read_text() for path in sorted((ROOT / "tests").glob("test_*.py")))

    assert len(named) > 40
    assert [one for one in named if f"def {one}(" not in there] == []


def test_every_row_of_the_table_has_a_test_or_says_that_it_is_not_there():
    assert [row[0] for row in rows() if ("`test_" in row[2]) == ("not there" in row[1])] == []


def test_every_feature_that_is_shown_stands_in_the_table():
    here = re.findall(r"^def (test_\w+)", SHOWN.read_text(), re.MULTILINE)
    named = set(re.findall(r"`(test_\w+)`", TABLE))

    assert [one for one in here if one not in named] == []
