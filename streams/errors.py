# ruff: noqa: N818 - the names say what happened, in the words of the person who mends it
"""What can stop a command, as one tree. Bad data is no error: it is a `Reject`.

AllToBitError        1   exit code of the process, after sysexits.h where it has a word
├── ConfigError      2   a setting or file is wrong
│   └── PortInUse    2   somebody else listens there
├── TooManyRejects  65   nearly everything that arrives is unreadable
├── TopicMissing    66   `alltobit topics create` has not been run
├── BrokerUnreachable 69 no answer from Kafka within the patience
├── BrokerFailed    70   the embedded Kafka ended by itself
├── WrongCredentials 77  Kafka answers, and refuses this user, password or mechanism
│   ├── TlsRefused  77   the TLS handshake failed
│   └── NoRights    77   the user may not do this
├── Stalled         75   lag, and nothing moves: end, and be started anew
└── StateMismatch   78   saved state does not fit the topics or the settings
"""

from typing import ClassVar


class AllToBitError(Exception):
    """One line for the person who has to mend it: field, value, trouble, mend. Never a secret."""

    exit_code: ClassVar[int] = 1

    def __init__(self, field: str, value: object, trouble: str, mend: str) -> None:
        line = f"{field}={str(value)!r}: {trouble}; {mend}"
        super().__init__(" ".join(line.split()))
        self.field = field
        self.parts = (field, value, trouble, mend)


class ConfigError(AllToBitError):
    """A setting or a file is wrong; nothing was started."""

    exit_code = 2


class PortInUse(ConfigError):
    """Somebody else listens on this port."""


class TooManyRejects(AllToBitError):
    """Nearly everything that arrives is unreadable."""

    exit_code = 65


class TopicMissing(AllToBitError):
    """A topic that must exist does not."""

    exit_code = 66


class BrokerUnreachable(AllToBitError):
    """No answer from Kafka within the patience."""

    exit_code = 69


class BrokerFailed(AllToBitError):
    """The embedded Kafka did not start, or ended by itself."""

    exit_code = 70


class WrongCredentials(AllToBitError):
    """Kafka answers, and refuses this user, password or mechanism. Waiting does not help."""

    exit_code = 77


class TlsRefused(WrongCredentials):
    """The TLS handshake failed: certificate, name, or no TLS spoken there."""


class NoRights(WrongCredentials):
    """Kafka knows the user and forbids this."""


class StateMismatch(AllToBitError):
    """Saved state does not fit the topics or the settings."""

    exit_code = 78


class Stalled(AllToBitError):
    """The process has lag and does not move; its supervisor starts it anew."""

    exit_code = 75
