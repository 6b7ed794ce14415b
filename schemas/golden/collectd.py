"""collectd's JSON, as its wiki shows it."""

from schemas.formats.base import Golden

GOLDEN_COLLECTD: tuple[Golden, ...] = (
    Golden(
        "collectd/collectd wiki, JSON: one value list",
        b'[{"values":[1901474177],"dstypes":["counter"],"dsnames":["value"],"time":1280959128,'
        b'"interval":10,"host":"leeloo.octo.it","plugin":"cpu","plugin_instance":"0","type":"cpu",'
        b'"type_instance":"idle"}]',
        (("leeloo.octo.it", "cpu-0/cpu-idle", 1_280_959_128 * 10**9, 1901474177.0, 0),),
    ),
)
