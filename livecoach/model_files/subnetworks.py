"""Splits a TFLite network in two, so that an output which is rarely needed is only computed when it is.

A TFLite file is a flatbuffer. Its lists are replaced where they stand, which takes a few milliseconds; weights stay
where they are, and every operator computes what it computed before.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

INPUTS, OUTPUTS, OPERATORS = 6, 8, 10
"""Places of a subgraph's lists in its flatbuffer table."""
SHAPE, DATA = 4, 4
"""Places of a tensor's shape, and of a buffer's data."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """A network in two parts, each a TFLite file."""

    trunk: bytes
    """The network without the output. After its other outputs it puts out the maps that the head reads."""
    head: bytes
    """Makes the output from maps. It sees windows of them: all sides are divided."""
    maps: tuple[tuple[int, ...], ...]
    """Shapes of the maps, in the order of the trunk's last outputs and of the head's inputs."""


def split_off(content: bytes, output: int, *, divisor: int) -> Split:
    """Split one output off a network.

    content: a TFLite file that LiteRT has accepted. output: number of the output. divisor: of the sides of the head's
    maps. Raises ValueError where the output shares no maps with the others, or its head does more than convolve, add
    and resize maps, so that a window of it would differ from the whole.
    """
    whole = _Graph(content)
    others = [tensor for number, tensor in enumerate(whole.outputs) if number != output]
    trunk = whole.operators_of(others)
    head = whole.operators_of([whole.outputs[output]]) - trunk
    written = whole.tensors(trunk, whole.written)
    shared = sorted(whole.tensors(head, whole.read) & written)
    if not (head and shared and whole.kinds(head) <= whole.of_windows()):
        raise ValueError("the output can't be split off")
    whole.keep(trunk, inputs=whole.inputs, outputs=[*others, *shared])
    part = _Graph(content)
    part.keep(head, inputs=shared, outputs=[whole.outputs[output]])
    part.divide(head, shared, divisor)
    return Split(trunk=bytes(whole.content), head=bytes(part.content), maps=tuple(map(whole.shape, shared)))


class _Graph:
    """The only subgraph of a network, with lists that can be replaced."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema = schema
        self.content = bytearray(content)
        self._model: Any = schema.Model.GetRootAs(self.content, 0)
        self._graph: Any = self._model.Subgraphs(0)
        self._operators = [self._graph.Operators(number) for number in range(self._graph.OperatorsLength())]
        self.inputs, self.outputs = _inputs(self._graph), _outputs(self._graph)
        self.read = [_inputs(one) for one in self._operators]
        self.written = [_outputs(one) for one in self._operators]

    def operators_of(self, tensors: Iterable[int]) -> set[int]:
        """Return the operators that these tensors are computed by, from the network's input on."""
        writer = {tensor: number for number, written in enumerate(self.written) for tensor in written}
        found: set[int] = set()
        wanted = list(tensors)
        while wanted:
            number = writer.get(wanted.pop())
            if number is not None and number not in found:
                found.add(number)
                wanted += self.read[number]
        return found

    def tensors(self, operators: set[int], side: list[list[int]]) -> set[int]:
        """Return what operators read or write. side: `read` or `written`."""
        return {tensor for number in operators for tensor in side[number]}

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return tuple(self._graph.Tensors(tensor).ShapeAsNumpy().tolist())

    def of_windows(self) -> set[int]:
        """Return the kinds of operator that compute the same for a window as for a whole map, but for its margin."""
        kind = self._schema.BuiltinOperator
        return {kind.CONV_2D, kind.DEPTHWISE_CONV_2D, kind.ADD, kind.RESIZE_BILINEAR, kind.DEQUANTIZE}

    def kinds(self, operators: Iterable[int]) -> set[int]:
        """Return the kinds of operators."""
        codes = [self._model.OperatorCodes(self._operators[number].OpcodeIndex()) for number in operators]
        return {max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) for code in codes}

    def keep(self, operators: set[int], *, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Drop all other operators, and set the network's inputs and outputs."""
        table = self._graph._tab
        start = table.Vector(table.Offset(OPERATORS))
        for place, number in enumerate(sorted(operators)):
            at = start + 4 * place
            struct.pack_into("<I", self.content, at, self._operators[number]._tab.Pos - at)
        struct.pack_into("<I", self.content, start - 4, len(operators))
        for field, tensors in ((INPUTS, inputs), (OUTPUTS, outputs)):
            self.content += bytes(-len(self.content) % 4)
            at = table.Pos + table.Offset(field)
            struct.pack_into("<I", self.content, at, len(self.content) - at)
            self.content += struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors)

    def divide(self, operators: set[int], inputs: Sequence[int], divisor: int) -> None:
        """Divide height and width of all maps that operators read and write, and the sizes that they resize to."""
        kind = self._schema.BuiltinOperator
        making_maps = {number for number in operators if self.kinds([number]) != {kind.DEQUANTIZE}}  # weights are none
        for tensor in {*inputs, *self.tensors(making_maps, self.written)}:
            self._divide(self._graph.Tensors(tensor)._tab, SHAPE, divisor, first=1)  # 0 is the batch
        resizing = {number for number in operators if self.kinds([number]) == {kind.RESIZE_BILINEAR}}
        for size in {self.read[number][-1] for number in resizing if self.read[number]}:
            self._divide(self._model.Buffers(self._graph.Tensors(size).Buffer())._tab, DATA, divisor)

    def _divide(self, table: Any, field: int, divisor: int, *, first: int = 0) -> None:
        """Divide two numbers of a table's list, beginning with the `first`."""
        if not table.Offset(field):
            raise ValueError("a map or a size has no numbers")
        at = table.Vector(table.Offset(field)) + 4 * first
        height, width = struct.unpack_from("<2i", self.content, at)
        struct.pack_into("<2i", self.content, at, height // divisor, width // divisor)


def _inputs(table: Any) -> list[int]:
    """Return the tensors that an operator or a network reads."""
    tensors = [table.Inputs(number) for number in range(table.InputsLength())]
    return [tensor for tensor in tensors if tensor >= 0]  # -1 stands for one that is left out


def _outputs(table: Any) -> list[int]:
    """Return the tensors that an operator or a network writes."""
    return [table.Outputs(number) for number in range(table.OutputsLength())]
