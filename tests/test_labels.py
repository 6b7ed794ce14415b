"""An asset is one whatever the agent's release calls it, and no difference is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.labels import WORKLOAD, meaning, whole, without_port

GPU = {
    "gpu": "0",
    "UUID": "GPU-604ac76c",
    "pci_bus_id": "00000000:1B:00.0",
    "device": "nvidia0",
    "modelName": "NVIDIA H100 80GB HBM3",
    "Hostname": "node-1",
}
TEMP = "DCGM_FI_DEV_GPU_TEMP"
IB = "node_infiniband_port_data_received_bytes_total"

label = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda one: one not in WORKLOAD and one not in {"hostname", "host", "host_name", "instance"}
)
labels = st.dictionaries(label, st.text(min_size=1, max_size=4), max_size=5)


def without(labels, *names):
    return {name: text for name, text in labels.items() if name not in names}


def renamed(labels, **names):
    return {names.get(name, name): text for name, text in labels.items()}


@given(labels=labels, order=st.randoms(use_true_random=False))
def test_the_order_of_labels_means_nothing(labels, order):
    shuffled = [*labels.items()]
    order.shuffle(shuffled)

    assert meaning("x", labels) == meaning("x", dict(shuffled))


@given(one=labels, other=labels)
def test_series_that_differ_stay_apart_with_every_label(one, other):
    assert (whole("x", one).point == whole("x", other).point) == (one == other)


@given(labels=labels)
def test_an_empty_label_is_no_label(labels):
    assert meaning("x", labels | {"zone": ""}) == meaning("x", without(labels, "zone"))


@given(pod=st.text(min_size=1, max_size=9), exporter=st.text(min_size=1, max_size=9))
def test_a_pod_that_moves_changes_neither_asset_nor_point(pod, exporter):
    moved = GPU | {"pod": pod, "namespace": pod, "container": "c", "exported_pod": exporter}

    assert meaning(TEMP, moved | {"instance": f"{exporter}:9400"}) == ("node-1/gpu0", TEMP)


@pytest.mark.parametrize(
    "labels",
    [
        GPU,
        renamed(GPU, Hostname="hostname"),
        renamed(GPU, UUID="gpu_uuid", modelName="model_name"),
        without(GPU, "UUID", "modelName"),
        without(GPU, "gpu"),
        GPU | {"DCGM_FI_DRIVER_VERSION": "550.54.15"},
        without(GPU, "Hostname") | {"instance": "node-1:9400"},
        without(GPU, "Hostname") | {"host": "node-1"},
        without(GPU, "Hostname") | {"host.name": "node-1"},
    ],
)
def test_a_gpu_is_one_asset_whatever_its_labels_are_called(labels):
    assert meaning(TEMP, labels) == ("node-1/gpu0", TEMP)


@pytest.mark.parametrize(
    ("labels", "asset"),
    [
        ({"UUID": "GPU-1", "hostname": "n"}, "n/GPU-1"),
        ({"gpu_uuid": "GPU-1"}, "GPU-1"),
        ({"gpu": "0", "UUID": "GPU-1"}, "GPU-1"),
        ({"gpu": "1"}, "prometheus/gpu1"),
        ({"gpu": "GPU-1", "hostname": "n"}, "n/GPU-1"),
        ({"nvlink": "3", "gpu": "1", "hostname": "n"}, "n/gpu1/nvlink3"),
        ({"nvlink": "3", "UUID": "GPU-1"}, "GPU-1/nvlink3"),
        ({"nvlink": "3", "nvswitch": "2", "hostname": "n"}, "n/nvswitch2/nvlink3"),
        ({"nvswitch": "2", "Hostname": "n"}, "n/nvswitch2"),
        ({"cpu": "1", "Hostname": "n"}, "n/cpu1"),
        ({"cpucore": "70", "cpu": "1", "Hostname": "n"}, "n/cpu1/core70"),
    ],
)
def test_dcgm_names_gpus_links_switches_and_processors(labels, asset):
    assert meaning("DCGM_FI_X", labels) == (asset, "DCGM_FI_X")


def test_mig_instances_stay_apart():
    one, other = ({**GPU, "GPU_I_ID": i, "GPU_I_PROFILE": "1g.10gb"} for i in "78")

    assert meaning(TEMP, one) == ("node-1/gpu0", f'{TEMP}{{GPU_I_ID="7",GPU_I_PROFILE="1g.10gb"}}')
    assert meaning(TEMP, one) != meaning(TEMP, other)


def test_the_code_of_an_xid_is_its_value_and_not_part_of_its_name():
    xid = GPU | {"err_code": "79", "err_msg": "GPU has fallen off the bus"}

    assert meaning("DCGM_FI_DEV_XID_ERRORS", xid) == ("node-1/gpu0", "DCGM_FI_DEV_XID_ERRORS")


@pytest.mark.parametrize(
    ("labels", "asset"),
    [
        ({"device": "mlx5_0", "port": "1", "instance": "n:9100"}, "n/mlx5_0/p1"),
        ({"device": "mlx5_0", "port": "1", "instance": "[fe80::1]:9100"}, "[fe80::1]/mlx5_0/p1"),
        ({"device": "mlx5_0", "port": "1", "host": "n"}, "n/mlx5_0/p1"),
        ({"device": "mlx5_0", "port": "1"}, "prometheus/mlx5_0/p1"),
        ({"device": "mlx5_0", "hostname": "n", "instance": "n:9"}, "n/mlx5_0"),
    ],
)
def test_infiniband_ports_are_under_their_host(labels, asset):
    assert meaning(IB, labels | {"pod": "exporter-1"}) == (asset, IB)


@pytest.mark.parametrize("guid", ["2c90300f172a0", "0x0002c90300f172a0", "0X0002C90300F172A0"])
def test_a_port_of_the_fabric_has_one_name_however_its_guid_is_written(guid):
    series = {"source": "0x1", "node_guid": guid, "port_guid": "2c90300f172a2", "port_num": "2"}
    low = {"Node_GUID": guid, "Port_Number": "2"}

    assert meaning("Link_Down", series) == ("0x0002c90300f172a0/p2", "Link_Down")
    assert meaning("Link_Down", low) == ("0x0002c90300f172a0/p2", "Link_Down")


def test_elsewhere_pods_and_ports_tell_series_apart():
    pods = {"pod": "a", "namespace": "n", "instance": "node-1:8000"}

    assert meaning("vllm:requests", pods) == ("node-1:8000", 'vllm:requests{namespace="n",pod="a"}')
    assert meaning("vllm:cache", {"gpu": "0", "instance": "node-1:8000"}) == (
        "node-1/gpu0",
        'vllm:cache{instance="node-1:8000"}',
    )
    assert (
        meaning("disk", {"device": "sda", "uuid": "af-1"}).point == 'disk{device="sda",uuid="af-1"}'
    )


def test_what_is_told_of_the_host_itself_is_the_hosts_whatever_port_told_it():
    assert meaning("node_cpu_seconds_total", {"cpu": "3", "instance": "n:9100"}) == (
        "n",
        'node_cpu_seconds_total{cpu="3"}',
    )
    assert meaning("go_threads", {"instance": "n:9100"}).asset == "n:9100"


def test_the_code_of_an_xid_is_no_part_of_its_point():
    of = {"gpu": "0", "hostname": "n"}
    names = {meaning("DCGM_FI_DEV_XID_ERRORS", of | {"err_code": c}) for c in ("0", "79")}

    assert names == {("n/gpu0", "DCGM_FI_DEV_XID_ERRORS")}


@pytest.mark.parametrize(
    ("instance", "host"),
    [("n:9100", "n"), ("10.0.0.1:1", "10.0.0.1"), ("[::1]:9", "[::1]"), ("::1", "::1"), ("n", "n")],
)
def test_the_host_of_an_instance_is_what_stands_before_the_port(instance, host):
    assert without_port(instance) == host
