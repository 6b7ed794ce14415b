"""Programs of Debian that tests run: found, or fetched once, or one line says why not."""

import debian
import pytest
from debian import NotHere, Running, Wanted

WANTED = Wanted("agent", ("no-such-package-of-debian",), ("bin/agent", "lib/*/libagent.so"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Give a cache folder of our own, and no way to fetch anything."""
    monkeypatch.setattr(debian, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "no programs"))
    return tmp_path / "cache/agent/root"


def unpack(root, *files):
    for file in files:
        (root / "usr" / file).parent.mkdir(parents=True)
        (root / "usr" / file).touch()


def test_an_installed_program_is_taken_and_nothing_is_fetched(cache, tmp_path):
    unpack(tmp_path / "installed", "bin/agent", "lib/x86/libagent.so")

    assert WANTED.root(tmp_path / "installed") == tmp_path / "installed"
    assert not cache.exists()


def test_what_was_fetched_before_is_taken_from_the_cache(cache, tmp_path):
    unpack(cache, "bin/agent", "lib/x86/libagent.so")

    assert WANTED.root(tmp_path / "installed") == cache


def test_half_a_program_is_none_and_one_line_says_what_to_do(cache, tmp_path):
    unpack(cache, "bin/agent")
    with pytest.raises(NotHere, match=r"\Aagent: cannot be fetched: .*; install no-such.*\Z"):
        WANTED.root(tmp_path / "installed")

    assert not list(cache.parent.glob("tmp*"))


def test_a_program_that_does_not_heed_is_ended_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "PATIENCE_S", 0.1)
    deaf = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
    with Running(tmp_path, ["/bin/sh", "-c", deaf]) as running:
        while "deaf" not in running.log:
            assert running.process.poll() is None

    assert running.process.returncode == -9
