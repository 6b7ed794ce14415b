"""dcgm-exporter: lines of the form that its templates write, of GPUs, links, switches and CPUs."""

from schemas.formats.base import Golden

_README = "NVIDIA/dcgm-exporter README.md, the output of curl localhost:9400/metrics; Apache-2.0"
_FORM = "form of NVIDIA/dcgm-exporter internal/pkg/rendermetrics/render_metrics.go; values made up"
_MS = 1_700_000_000_000
_NS = _MS * 10**6
_UUID = "GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52"
_GPU = "node-1/gpu0"
_LINKS = "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL"
_TENSOR = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"
_MIG = '{GPU_I_ID="%d",GPU_I_PROFILE="1g.10gb"}'
_NOT_SUPPORTED = 3 << 13

GOLDEN_DCGM = (
    Golden(
        _README,
        b"""# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
# HELP DCGM_FI_DEV_MEM_CLOCK Memory clock frequency (in MHz).
# TYPE DCGM_FI_DEV_MEM_CLOCK gauge
# HELP DCGM_FI_DEV_MEMORY_TEMP Memory temperature (in C).
# TYPE DCGM_FI_DEV_MEMORY_TEMP gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0", UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52"} 139
DCGM_FI_DEV_MEM_CLOCK{gpu="0", UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52"} 405
DCGM_FI_DEV_MEMORY_TEMP{gpu="0", UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52"} \
9223372036854775794
""",
        (
            (_UUID, "DCGM_FI_DEV_SM_CLOCK", _NS, 139.0, 0),
            (_UUID, "DCGM_FI_DEV_MEM_CLOCK", _NS, 405.0, 0),
            (_UUID, "DCGM_FI_DEV_MEMORY_TEMP", _NS, 2.0**63, _NOT_SUPPORTED),
        ),
        time_ms=_MS,
    ),
    Golden(
        _FORM,
        b"""# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).
# TYPE DCGM_FI_DEV_GPU_TEMP gauge
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",\
pci_bus_id="00000000:1B:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",\
Hostname="node-1",DCGM_FI_DRIVER_VERSION="550.54.15",container="train",namespace="ml",\
pod="train-0"} 41
# HELP DCGM_FI_DEV_XID_ERRORS Value of the last XID error encountered.
# TYPE DCGM_FI_DEV_XID_ERRORS gauge
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",\
pci_bus_id="00000000:1B:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",\
hostname="node-1",err_code="0",err_msg="No Error"} 0
# HELP DCGM_FI_PROF_PIPE_TENSOR_ACTIVE Ratio of cycles the tensor pipe is active.
# TYPE DCGM_FI_PROF_PIPE_TENSOR_ACTIVE gauge
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",\
pci_bus_id="00000000:1B:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",\
GPU_I_PROFILE="1g.10gb",GPU_I_ID="7",hostname="node-1"} 0.125000
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",\
pci_bus_id="00000000:1B:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",\
GPU_I_PROFILE="1g.10gb",GPU_I_ID="8",hostname="node-1"} 0.500000
# HELP DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL Total number of NVLink flow-control errors.
# TYPE DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL counter
DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{nvlink="3",gpu="0",\
gpu_uuid="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:1B:00.0",\
device="nvidia0",model_name="NVIDIA H100 80GB HBM3",hostname="node-1"} 2
DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="1",Hostname="node-1"} 38
DCGM_FI_DEV_NVSWITCH_LINK_FATAL_ERRORS{nvlink="12",nvswitch="1",hostname="node-1"} 0
DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu="0",Hostname="node-1"} 0.250000
DCGM_FI_DEV_CPU_UTIL_TOTAL{cpucore="5",cpu="0",Hostname="node-1"} 0.750000
""",
        (
            (_GPU, "DCGM_FI_DEV_GPU_TEMP", _NS, 41.0, 0),
            (_GPU, "DCGM_FI_DEV_XID_ERRORS", _NS, 0.0, 0),
            (_GPU, _TENSOR + _MIG % 7, _NS, 0.125, 0),
            (_GPU, _TENSOR + _MIG % 8, _NS, 0.5, 0),
            (f"{_GPU}/nvlink3", _LINKS, _NS, 2.0, 0),
            ("node-1/nvswitch1", "DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT", _NS, 38.0, 0),
            ("node-1/nvswitch1/nvlink12", "DCGM_FI_DEV_NVSWITCH_LINK_FATAL_ERRORS", _NS, 0.0, 0),
            ("node-1/cpu0", "DCGM_FI_DEV_CPU_UTIL_TOTAL", _NS, 0.25, 0),
            ("node-1/cpu0/core5", "DCGM_FI_DEV_CPU_UTIL_TOTAL", _NS, 0.75, 0),
        ),
        time_ms=_MS,
    ),
)
