"""Protobuf messages read by a definition of our own: those fields of a wire format that we need."""

from collections.abc import Iterable
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto
ONE: Final = Field.LABEL_OPTIONAL
MANY: Final = Field.LABEL_REPEATED


class Definition:
    """The messages of one package; a field's kind that is text is the message of that name."""

    def __init__(self, package: str) -> None:
        self._package = package
        name = f"{package.replace('.', '/')}.proto"
        self._file = descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax="proto2")

    def message(self, name: str) -> Any:  # noqa: ANN401 - protobuf has no types
        """Add a message without fields."""
        return self._file.message_type.add(name=name)

    def add(
        self,
        message: Any,  # noqa: ANN401 - protobuf has no types
        name: str,
        number: int,
        kind: int | str,
        label: int = ONE,
    ) -> None:
        """Add a field."""
        field = message.field.add(name=name, number=number, label=label)
        if isinstance(kind, str):
            field.type, field.type_name = Field.TYPE_MESSAGE, f".{self._package}.{kind}"
        else:
            field.type = kind

    def add_one_of(
        self,
        message: Any,  # noqa: ANN401 - protobuf has no types
        word: str,
        fields: Iterable[tuple[str, int, int | str]],
    ) -> None:
        """Add `oneof word`, of such names, numbers and kinds."""
        message.oneof_decl.add(name=word)
        for name, number, kind in fields:
            self.add(message, name, number, kind)
            message.field[-1].oneof_index = 0

    def classes(self, *names: str) -> list[Any]:
        """Return the classes of messages."""
        pool = descriptor_pool.DescriptorPool()
        pool.Add(self._file)
        found = [pool.FindMessageTypeByName(f"{self._package}.{name}") for name in names]
        return [message_factory.GetMessageClass(one) for one in found]
