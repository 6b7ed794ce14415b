"""Messages as the agents' own documentation shows them, and what they must decode to, by format."""

from schemas.formats.base import Golden
from schemas.golden.adapter import GOLDEN_ADAPTER
from schemas.golden.collectd import GOLDEN_COLLECTD
from schemas.golden.dsx import GOLDEN_DSX
from schemas.golden.influx import GOLDEN_INFLUX
from schemas.golden.native import GOLDEN_ARROW, GOLDEN_NATIVE_COLUMNAR, GOLDEN_NATIVE_JSON
from schemas.golden.nvsentinel import GOLDEN_NVSENTINEL
from schemas.golden.otlp import GOLDEN_OTLP_JSON, GOLDEN_OTLP_PROTO
from schemas.golden.prometheus import GOLDEN_PROMETHEUS
from schemas.golden.redfish import GOLDEN_REDFISH
from schemas.golden.remote_write import GOLDEN_REMOTE_WRITE
from schemas.golden.sparkplug import GOLDEN_SPARKPLUG
from schemas.golden.telegraf import GOLDEN_TELEGRAF
from schemas.golden.ufm import GOLDEN_UFM_CSV
from schemas.golden.volttron import GOLDEN_VOLTTRON

GOLDEN: dict[str, tuple[Golden, ...]] = {
    "native-json": GOLDEN_NATIVE_JSON,
    "native-columnar": GOLDEN_NATIVE_COLUMNAR,
    "arrow-ipc": GOLDEN_ARROW,
    "prometheus-text": GOLDEN_PROMETHEUS,
    "prometheus-adapter-json": GOLDEN_ADAPTER,
    "telegraf-json": GOLDEN_TELEGRAF,
    "collectd-json": GOLDEN_COLLECTD,
    "prometheus-remote-write": GOLDEN_REMOTE_WRITE,
    "influx-line": GOLDEN_INFLUX,
    "ufm-csv": GOLDEN_UFM_CSV,
    "dsx-bms": GOLDEN_DSX,
    "redfish-json": GOLDEN_REDFISH,
    "volttron-all": GOLDEN_VOLTTRON,
    "nvsentinel": GOLDEN_NVSENTINEL,
    "sparkplug-b": GOLDEN_SPARKPLUG,
    "otlp-json": GOLDEN_OTLP_JSON,
    "otlp-proto": GOLDEN_OTLP_PROTO,
}
"""By format. `alltobit formats` decodes them all and says which pass."""
