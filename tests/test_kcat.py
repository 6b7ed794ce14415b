"""The scrape loop of the README, as it stands there, through Debian's kcat and a real Kafka."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from debian import Wanted

from streams import topics
from streams.house import read_all

pytestmark = pytest.mark.kafka

KCAT = Wanted(
    "kcat",
    ("kcat", "librdkafka1", "libyajl2"),
    ("bin/kcat", "lib/*/librdkafka.so.1", "lib/*/libyajl.so.2"),
)
README = Path(__file__).parents[1] / "README.md"
LARGE = b"# HELP up Whether it is.\n" + b"".join(b'up{i="%d"} 1\n' % i for i in range(20_000))


def loop():
    """Return the command that the README shows, after what fetches the text."""
    found = re.search(r"`curl -s HOST:9400/metrics \\\| (kcat [^`]+)`", README.read_text())
    assert found
    return found[1].replace("\\|", "|")


def piped(command, text):
    root = KCAT.root()
    libraries = {str(file.parent) for file in root.glob("usr/lib/*/librdkafka.so.1")}
    environment = os.environ | {
        "PATH": f"{root}/usr/bin:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": ":".join(libraries),
    }
    shell = ["/bin/sh", "-c", f"cat | {command}"]
    subprocess.run(shell, input=text, env=environment, check=True)  # noqa: S603 - the README's words


async def test_each_scrape_is_one_message_byte_for_byte(settings):
    await topics.create(settings)
    raw = settings.raw[1].name
    command = loop().replace("BROKER", shlex.quote(settings.kafka.bootstrap))
    command = command.replace("-t dcgm", f"-t {raw}").replace("HOST", "node-1")
    for text in (b"up 1\n", LARGE):
        piped(command, text)

    records = (await read_all(settings, [raw]))[raw]
    assert [one.value for one in records] == [b"up 1\n", LARGE]
    assert [one.key for one in records] == [b"node-1"] * 2
    assert records[0].headers == (("content-type", b"text/plain"),)
