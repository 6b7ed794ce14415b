"""`alltobit site`: what there is, and what reaches what."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from models.site import ASSET_KINDS, EDGE_KINDS, MEDIUMS, Graph, build
from models.symbols.braces import folded
from schemas.cascade import EdgeKind
from schemas.cascade.site_rows import Rows
from schemas.cascade.trouble import Trouble
from schemas.settings import Settings
from schemas.sites import Imported, dsx, ibnetdiscover, slurm, smi, table
from streams import site_files
from streams.cli import site_topic
from streams.cli.console import trouble, write_json, write_line
from streams.cli.lazy import HOW
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of
from streams.cli.site_print import printed
from streams.errors import ConfigError

app = typer.Typer(no_args_is_help=True, **HOW)

_MOST_TOLD = 100  # troubles
_AGAINST = {
    EdgeKind.FEEDS: "fed by",
    EdgeKind.COOLS: "cooled by",
    EdgeKind.LINKS: "links",
    EdgeKind.CONTAINS: "stands in",
    EdgeKind.RUNS: "runs for",
}
Files = Annotated[list[Path], typer.Argument(help="Inventories: YAML, JSON or CSV.")]
SomeFiles = Annotated[
    list[Path] | None, typer.Argument(help="Inventories; default: the settings' site.file.")
]
Published = Annotated[bool, typer.Option("--published", help="Look at the topic `inventory`, too.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Format(StrEnum):
    """What can be imported."""

    SLURM = "slurm"
    IBNETDISCOVER = "ibnetdiscover"
    NVIDIA_SMI = "nvidia-smi"
    DSX_BMS = "dsx-bms"
    CSV = "csv"


@app.callback()
def explain() -> None:
    """Check, import, show and publish the site graph."""


@app.command()
def check(
    ctx: typer.Context,
    files: SomeFiles = None,
    *,
    published: Published = False,
    as_json: Json = False,
) -> None:
    """Count what the files say together, and tell all that is wrong. Exit code 1: something is."""
    graph, troubles = _graph(settings_of(ctx), files, published=published)
    counts = {"assets": _counts(graph.kinds, ASSET_KINDS), "edges": _counts(graph.kind, EDGE_KINDS)}
    if as_json:
        told = [one._asdict() | {"text": str(one)} for one in troubles]
        write_json({**counts, "troubles": told})
    else:
        for what, some in counts.items():
            kinds = ", ".join(f"{n} {kind}" for kind, n in some.items())
            write_line(f"{sum(some.values())} {what}: {kinds}" if some else f"0 {what}")
        _tell(troubles, write_line)
    if troubles:
        raise typer.Exit(1)


@app.command("import")
def import_(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    format_: Annotated[Format, typer.Argument(metavar="FORMAT", help="What the file is.")],
    file: Annotated[Path, typer.Argument(help="What the other system printed; - is stdin.")],
    *,
    host: Annotated[str, typer.Option(help="Whose matrix it is, of nvidia-smi.")] = "",
    site: Annotated[str, typer.Option(help="Default: the settings' site.name.")] = "",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=".yaml, .json or .csv; default: stdout.")
    ] = None,
) -> None:
    """Turn what another system knows into an inventory. Exit code 1: some of it was not read."""
    found = _imported(format_, _bytes(file), host, site or settings_of(ctx).site.name)
    text = printed(found.inventory, out.suffix if out else ".yaml")
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text)
    _tell(found.troubles, trouble)
    if found.troubles:
        raise typer.Exit(1)


@app.command()
def show(
    ctx: typer.Context,
    asset: Annotated[str, typer.Argument(help="Name or alias.")],
    files: SomeFiles = None,
    *,
    published: Published = False,
    as_json: Json = False,
) -> None:
    """Show what an asset is, and its neighbours by kind of edge, both ways."""
    graph, _ = _graph(settings_of(ctx), files, published=published)
    if graph.place(asset) < 0:
        raise ConfigError("asset", asset, "no such asset in the site", "see `alltobit site check`")
    groups = _neighbours(graph, asset)
    if as_json:
        write_json({"asset": _named(graph, asset), "kind": graph.kind_of(asset), **groups})
        return
    write_line(plain(f"{_named(graph, asset)}: {graph.kind_of(asset)}"))
    for how, some in groups.items():
        write_line(plain(f"  {how}: {', '.join(_said(some))}"))


@app.command()
def publish(ctx: typer.Context, files: Files) -> None:
    """Publish files to the topic `inventory`, each as a part of its site.

    A part stands for what was published under its name before. Troubles are told and do not stop
    it: other parts may have what is missing.
    """
    settings = settings_of(ctx)
    told = [site_files.read(file, settings.site.name) for file in files]
    parts = [rows for rows, _ in told]
    _refuse_doubles(parts)
    _tell([one for _, some in told for one in some] + list(build(parts)[1]), trouble)
    pieces, gone = run_async(site_topic.put(settings, parts))
    what = f"{pieces} messages of {len(parts)} parts published to {settings.topics.inventory}"
    write_line(f"{what}, {gone} taken away" if gone else what)


def _graph(
    settings: Settings, files: Iterable[Path] | None, *, published: bool
) -> tuple[Graph, list[Trouble]]:
    """Return the site of files, or of the settings, and of the topic, and all that is wrong."""
    given = [settings.site.file] if settings.site.file else []
    told = [site_files.read(file, settings.site.name) for file in files or given]
    if not told and not published:
        mend = "name a file, set it, or give --published"
        raise ConfigError("site.file", "", "no site to look at", mend)
    parts, troubles = run_async(site_topic.published(settings)) if published else ([], [])
    graph, more = build([rows for rows, _ in told] + parts)
    return graph, [*(one for _, some in told for one in some), *troubles, *more]


def _counts(codes: Any, kinds: tuple[Any, ...]) -> dict[str, int]:  # noqa: ANN401 - an array
    """Return how many there are of each kind, in the order of kinds."""
    found = Counter(codes.tolist())
    return {str(kind): found[code] for code, kind in enumerate(kinds) if found[code]}


def _tell(troubles: Iterable[Trouble], write: Any) -> None:  # noqa: ANN401 - a function
    for i, one in enumerate(troubles):
        if i == _MOST_TOLD:
            write("further troubles are not shown")
            return
        write(plain(str(one)))


def _bytes(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise ConfigError("file", file, f"cannot be read: {error.strerror}", "name it") from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        trouble_ = f"cannot be written: {error.strerror}"
        raise ConfigError("out", file, trouble_, "name another") from None


def _imported(format_: Format, data: bytes, host: str, site: str) -> Imported:
    if format_ is Format.NVIDIA_SMI:
        if not host:
            raise ConfigError("host", "", "nvidia-smi does not say whose matrix it is", "give it")
        return smi(data, host, site)
    readers = {
        Format.SLURM: slurm,
        Format.IBNETDISCOVER: ibnetdiscover,
        Format.DSX_BMS: dsx,
        Format.CSV: table,
    }
    return readers[format_](data, site)


def _named(graph: Graph, asset: str) -> str:
    return graph.names[graph.place(asset)]


def _neighbours(graph: Graph, asset: str) -> dict[str, list[dict[str, Any]]]:
    """Return neighbours by how they are reached, in the order of kinds, along edges first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(graph.neighbours(asset), key=lambda one: EDGE_KINDS.index(one.kind)):
        how = _AGAINST[one.kind] if one.against else str(one.kind)
        found.setdefault(how, []).append(dict(_about(graph, one.name, one.edge)))
    return found


def _about(graph: Graph, name: str, edge: int) -> Iterator[tuple[str, Any]]:
    yield "name", name
    medium, capacity = MEDIUMS[graph.medium[edge]], float(graph.capacity[edge])
    if medium:
        yield "medium", str(medium)
    if capacity == capacity:  # noqa: PLR0124 - not NaN
        yield "capacity", capacity


def _said(some: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield neighbours, those alike in one: `node-01/gpu{0..7} (pcie, 6.3e+10)`."""
    alike: dict[str, list[str]] = {}
    for one in some:
        more = [str(one["medium"])] if "medium" in one else []
        more += [f"{one['capacity']:.3g}"] if "capacity" in one else []
        alike.setdefault(f" ({', '.join(more)})" if more else "", []).append(one["name"])
    for how, names in alike.items():
        yield from (f"{name}{how}" for name in folded(names))


def _refuse_doubles(parts: list[Rows]) -> None:
    keys = Counter(f"{rows.site}/{rows.part}" for rows in parts)
    key, times = keys.most_common(1)[0]
    if times > 1:
        raise ConfigError("part", key, f"stands in {times} files", "give each `part` its own name")
