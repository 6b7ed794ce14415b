"""What is remembered of peers: 48 bytes a signal that has some, 16 while its value waits."""

from models.compiled import Int32, layout
from models.peers import standing


class Crew:
    """The assets of one cell that are alike, as one topic tells them."""

    done: int
    """The last slot that was judged."""
    first: Int32
    """Its first seat; -1 when there is none."""
    seats: Int32
    groups: Int32
    """The first of its groups; 0 when there is none."""
    members: Int32
    waiting: Int32
    """The first of its parcels that wait for their slot; 0 when there is none."""
    is_touched: bool
    """A frame of it was closed since it was last asked."""


class Seat:
    """An asset in a crew."""

    latest: int
    """Slot of its last frame."""
    enters: int
    """From this slot on it takes part; NEVER before its first frame."""
    lane: Int32
    """Where it was last heard."""
    crew: Int32
    next: Int32
    """The crew's next seat; -1 at the end."""
    asset: Int32


class Group:
    """The signals of one point in a crew."""

    standing: standing.Group
    point: Int32
    crew: Int32
    next: Int32
    """The crew's next group; 0 at the end."""
    first: Int32
    """Its first member; 0 when there is none."""
    is_rate: bool


class Member:
    """A signal among its peers."""

    standing: standing.Row
    row: Int32
    seat: Int32
    group: Int32
    next: Int32
    """The group's next member; 0 at the end."""


class Parcel:
    """What an asset told of a slot that is still to be judged."""

    slot: int
    offset: int
    """Of the last raw message of the slot."""
    source: Int32
    first: Int32
    """Its first value; 0 when there is none."""
    next: Int32
    """The crew's next one; 0 at the end. Of row 0: the first free one."""


class Value:
    """What a signal was, on average, in a slot that is still to be judged."""

    value: float
    member: Int32
    next: Int32
    """The parcel's next one; 0 at the end. Of row 0: the first free one."""


CREW = layout(Crew)
SEAT = layout(Seat)
GROUP = layout(Group)
"""Row 0 is none."""
MEMBER = layout(Member)
"""Row 0 is none."""
PARCEL = layout(Parcel)
"""Row 0 is none, and heads the list of free ones."""
VALUE = layout(Value)
"""Row 0 is none, and heads the list of free ones."""
SLOT = layout(standing.Slot)
