"""An inventory as a file: YAML for people, a line an asset or edge; JSON; CSV."""

import msgspec
import yaml

from models.site.cut import rows_of
from schemas.cascade import Inventory
from schemas.cascade.site_rows import AssetRow, EdgeRow, encode
from schemas.sites import printed as csv_of
from streams.errors import ConfigError

_WIDE = 1_000_000  # columns: no line is broken


def printed(inventory: Inventory, suffix: str) -> str:
    """Return the text of a file that ends in `suffix`. Raises `ConfigError`."""
    match suffix.lower():
        case ".yaml" | ".yml":
            return _yaml(inventory)
        case ".json":
            rows = rows_of(inventory.site, inventory.part, inventory)
            return encode(rows).decode() + "\n"
        case ".csv":
            return csv_of(inventory)
    raise ConfigError(
        "out", suffix, "no kind of file that is written", "end it in .yaml, .json, .csv"
    )


def _yaml(inventory: Inventory) -> str:
    rows = rows_of(inventory.site, inventory.part, inventory)
    head = _dumped({"site": rows.site, "part": rows.part}, flow=False)
    assets, edges = (_list(some) for some in (rows.assets, rows.edges))
    return f"{head}assets:{assets}edges:{edges}"


def _list(some: tuple[AssetRow, ...] | tuple[EdgeRow, ...]) -> str:
    if not some:
        return " []\n"
    return "\n" + "".join(f"  - {_dumped(msgspec.to_builtins(one), flow=True)}" for one in some)


def _dumped(value: object, *, flow: bool) -> str:
    dumped: str = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=flow,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDE,
    )
    return dumped


_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
