"""Sites to test with."""

from hypothesis import strategies as st

from schemas.cascade import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium, Pattern

NAMES = st.sampled_from(
    [
        *("a", "b", "b/x", "b/x/y", "b/x/y/z", "c", "c/x", "job", "d", "nowhere", "é/\x00"),
    ]
)
EDGES = st.builds(
    Edge,
    kind=st.sampled_from(EdgeKind),
    source=NAMES,
    target=NAMES,
    medium=st.none() | st.sampled_from(Medium),
    capacity=st.none() | st.sampled_from([1.0, 2.5, 5e10, float("inf")]),
    pattern=st.none() | st.sampled_from(Pattern),
)
ASSETS = st.builds(
    Asset, name=NAMES, kind=st.sampled_from(AssetKind), aliases=st.lists(NAMES, max_size=2)
)
PARTS = st.lists(
    st.builds(
        Inventory,
        site=st.just("s"),
        part=st.sampled_from(["", "p"]),
        assets=st.lists(ASSETS, max_size=8),
        edges=st.lists(EDGES, max_size=12),
    ),
    max_size=3,
)


def assets(kind, *names, **words):
    """Return assets of one kind."""
    return tuple(Asset(name=name, kind=kind, **words) for name in names)


def edge(kind, source, target, **words):
    """Return an edge."""
    return Edge(kind=kind, source=source, target=target, **words)


def site(assets, edges=()):
    """Return an inventory of all."""
    return Inventory(site="s", assets=tuple(assets), edges=tuple(edges))
