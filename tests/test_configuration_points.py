"""What a person gets to read whose declared points contradict each other, or the rules."""

import pytest

from streams.configuration import problems


def told(tmp_path, text):
    """Return what is said of settings, without the file's own path."""
    file = tmp_path / "site.yaml"
    file.write_text(text)
    return [str(one).replace(str(file), "FILE") for one in problems(file, {})]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (
            (
                "points:\n"
                "- {name: kw, canonical: mid, unit: W, factor: 1000}\n"
                "- {name: mid, canonical: end, unit: W}\n"
            ),
            "points.0.canonical",
        ),
        (
            (
                "points:\n"
                "- {name: Power_Total, unit: W}\n"
                "- {name: kw, canonical: Power_Total, unit: kW}\n"
            ),
            "points.1.unit",
        ),
        (
            (
                "points:\n- {name: kw, canonical: Power_Total, unit: W, factor: 1000}\n"
                "rules:\n- {name: much, point: kw, above: 5, for_s: 1}\n"
            ),
            "rules.0.point",
        ),
    ],
)
def test_points_that_contradict_each_other_are_a_mistake_with_field_and_mend(tmp_path, text, field):
    found = told(tmp_path, text)

    assert found
    assert any(line.startswith(f"{field}=") and "; give" in line for line in found), found


def test_a_point_that_is_converted_under_a_name_of_its_own_is_no_mistake(tmp_path):
    assert not told(
        tmp_path,
        "points:\n"
        "- {name: Power_Total, unit: W}\n"
        "- {name: kw, canonical: Power_Total, unit: W, factor: 1000}\n"
        "rules:\n- {name: much, point: Power_Total, above: 5000, for_s: 1}\n",
    )
