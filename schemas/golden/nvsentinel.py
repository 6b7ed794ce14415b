"""NVSentinel: what its event exporter's own test makes. Health events: no samples."""

from schemas.formats.base import Golden
from schemas.telemetry import Health

_EVENT = b"""{"specversion":"1.0","type":"com.nvidia.nvsentinel.health.v1",
"source":"nvsentinel://prod-cluster-1/healthevents","id":"9f0c5b8e-3c1f-4b1e-9a51-2f4f0a5f6f11",
"time":"2025-01-15T10:30:00Z","data":{"metadata":{"cluster":"prod-cluster-1",
"environment":"production"},"healthEvent":{"version":1,"agent":"gpu-health-monitor",
"componentClass":"GPU","checkName":"XidError","isFatal":true,"isHealthy":false,
"message":"GPU XID error detected","recommendedAction":15,"errorCode":["XID_48","XID_79"],
"entitiesImpacted":[{"entityType":"GPU","entityValue":"0"},
{"entityType":"PCI","entityValue":"0000:17:00.0"}],"generatedTimestamp":"2025-01-15T10:30:00Z",
"nodeName":"gpu-node-42","metadata":{"chassis_serial":"SN123456"},
"quarantineOverrides":{"force":true,"skip":false},"drainOverrides":{"force":false,"skip":true}}}}"""

GOLDEN_NVSENTINEL: tuple[Golden, ...] = (
    Golden(
        "NVSentinel (NVIDIA, Apache-2.0), event-exporter/pkg/transformer/cloudevents_test.go",
        _EVENT,
        (),
        health=(
            Health(
                0,
                asset="gpu-node-42/gpu0",
                check="XidError",
                time_ns=1_736_937_000_000_000_000,
                healthy=False,
                fatal=True,
                text="GPU XID error detected",
                action="RESTART_VM",
                codes=("XID_48", "XID_79"),
                entities=("GPU:0", "PCI:0000:17:00.0"),
            ),
        ),
    ),
)
