"""Templates: what an event says is data wherever it goes."""

import json
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import pytest
from acts import due, request
from hypothesis import given
from hypothesis import strategies as st

from models.act import render
from models.act.request import Secrets, shown
from models.act.request import request as made
from schemas.trigger import Webhook
from schemas.trigger.template import pieces

texts = st.text(max_size=40)
assets = st.text(min_size=1, max_size=40)


def known(**more):
    return render.values(request(**more), {})


@given(text=texts)
def test_a_text_without_names_comes_out_as_it_is(text):
    assert render.fill(text.replace("{", "{{").replace("}", "}}"), known()) == text


@given(text=texts)
def test_any_text_is_a_template_or_refused_in_a_line(text):
    with suppress(ValueError):
        assert all(part.text for part in pieces(text))


@given(asset=assets, label=texts)
def test_what_an_event_says_is_never_read_as_a_template(asset, label):
    filled = render.fill("{labels.x}", known(asset=asset, labels={"x": "{asset}" + label}))

    assert filled == "{asset}" + label


@given(asset=assets)
def test_a_value_is_one_word_of_a_url_and_host_and_path_stay_what_they_are(asset):
    template = "https://api.example:6443/api/v1/nodes/{asset}?by={rule}#"
    try:
        url = render.url(template, known(asset=asset))
    except render.Unfit:
        assert asset in (".", "..")
        return
    parts = urlsplit(url)

    assert (parts.scheme, parts.netloc) == ("https", "api.example:6443")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "api", "v1", "nodes", asset]
    assert parts.query == "by=gpu-hot"


@given(asset=assets, summary=st.text(min_size=1, max_size=40))
def test_a_body_is_json_whose_texts_are_the_values(asset, summary):
    body = {"a": "<{asset}>", "b": ["{summary}", 1, None], "c": {"labels": "{labels}"}}
    labels = {"k": summary}
    filled = render.body(body, known(asset=asset, summary=summary, labels=labels))

    assert json.loads(json.dumps(filled)) == {
        "a": f"<{asset}>",
        "b": [summary, 1, None],
        "c": {"labels": labels},
    }


@given(asset=assets, before=st.sampled_from(["", "--node=", "-n", "node"]))
def test_no_value_becomes_an_option_of_a_program(asset, before):
    try:
        filled = render.argument(before + "{asset}", known(asset=asset))
    except render.Unfit:
        assert asset.startswith("-") or "\0" in asset
        assert not before or "\0" in asset
        return

    assert filled == before + asset
    assert not filled.startswith("-") or before.startswith("-")


@given(value=texts)
def test_a_header_holds_one_line_of_ascii_or_is_refused(value):
    try:
        filled = render.header("{labels.x}", known(labels={"x": value}))
    except render.Unfit:
        assert not (value.isascii() and value.isprintable())
        return

    assert "\r" not in filled
    assert "\n" not in filled


@pytest.mark.parametrize(
    "template",
    ["{}", "{asset", "asset}", "{asset!r}", "{asset:>9}", "{asset.x}", "{0}", "{labels[x]}"],
)
def test_only_names_stand_in_braces(template):
    with pytest.raises(ValueError, match=r"stands for nothing|a lone"):
        pieces(template)


def test_a_label_that_is_missing_is_told_and_nothing_is_made():
    with pytest.raises(render.Unfit, match=r"it has no labels\.rack"):
        render.fill("{labels.rack}", known())


def test_the_host_is_the_asset_up_to_its_first_slash():
    assert render.fill("{host}", known(asset="node-07/gpu3")) == "node-07"


def test_an_asset_that_only_does_not_match_as_a_whole_is_refused():
    only = {"host": "node-[0-9]+"}
    render.check_only(only, known(asset="node-07/gpu3"))

    for asset in ("node-07,node-08", "node-[0-99]", "ALL", "node-07\n"):
        with pytest.raises(render.Unfit, match="its host does not match"):
            render.check_only(only, known(asset=asset))


def test_a_dry_run_shows_no_secret():
    action = Webhook(
        name="page",
        kind="webhook",
        url="http://h/{secret.path}",
        headers={"x-token": "{secret.key}"},
        body={"key": "{secret.key}", "asset": "{asset}"},
        secrets={"key": {"env": "KEY"}, "path": {"env": "P"}},
    )
    kept = Secrets({"key": "hunter2", "path": "a/b"})

    assert shown(action, due()) == ('POST http://h/*** {"key": "***", "asset": "node-0/gpu0"}')
    sent = made(action, due(), kept, 0)
    assert sent.headers["x-token"] == "hunter2"
    assert sent.url == "http://h/a/b"
