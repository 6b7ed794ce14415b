"""One member of the group is given all partitions; the others wait until it is gone."""

from collections.abc import Mapping
from itertools import chain

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment as Assignment,
)
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberMetadata as Metadata,
)


class ToOne(AbstractPartitionAssignor):  # type: ignore[misc]  # aiokafka has no types
    """Gives all partitions to the member whose id is the first."""

    name = "alltobit-one"
    version = 0

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, Metadata]
    ) -> dict[str, Assignment]:
        """Return what each member is given."""
        topics = set(chain.from_iterable(one.subscription for one in members.values()))
        every = {name: sorted(cluster.partitions_for_topic(name) or ()) for name in topics}
        first = min(members)
        given = {one: sorted(every.items()) if one == first else [] for one in members}
        return {one: Assignment(cls.version, places, b"") for one, places in given.items()}

    @classmethod
    def metadata(cls, topics: set[str]) -> Metadata:
        """Say which topics a member asks for."""
        return Metadata(cls.version, sorted(topics), b"")

    @classmethod
    def on_assignment(cls, assignment: Assignment) -> None:
        """Nothing is kept."""
