"""Calling the command line from tests."""

from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import yaml
from typer.testing import CliRunner, Result

from schemas.settings import Settings
from streams.cli import app


def call(*words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> Result:
    """Run `alltobit` with these words. Logging stays pytest's."""
    with mock.patch("streams.logs.configure"):
        return CliRunner().invoke(app, words, input=stdin, env=env)


def one_line(text: str) -> str:
    """Assert that a person is told one line, and return it."""
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text


def settings_file(folder: Path, settings: Settings) -> str:
    """Write a settings file; return its path."""
    file = folder / "settings.yaml"
    told = settings.model_dump(mode="json", exclude={"kafka": {"password"}})
    file.write_text(yaml.safe_dump(told))
    return str(file)
