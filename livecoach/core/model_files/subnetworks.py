"""Splits a TFLite network in two, so that an output which is rarely needed is only computed when it is.

A TFLite file is a flatbuffer, whose lists can be replaced where they stand; weights and operators stay.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

INPUTS, OUTPUTS, OPERATORS = 6, 8, 10
"""Places of a subgraph's lists in its flatbuffer table. An operator has the first two, too."""
SHAPE, DATA = 4, 4  # places of a tensor's shape, and of a buffer's data
LOCAL_OPERATORS = frozenset(("CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "RESIZE_BILINEAR", "DEQUANTIZE"))
"""Operators that compute the same for a window as for a whole map, but for the window's margin."""


Split = tuple[bytes, bytes, tuple[tuple[int, ...], ...]]
"""Two TFLite files, and maps. The trunk lacks the output, and puts out, after its other outputs, the maps that the head
reads. The head makes the output from windows of the maps, whose sides are divided. The shapes of the maps are in the
order of the trunk's last outputs and of the head's inputs."""


def split_off(content: bytes, output: int, *, divisor: int) -> Split:
    """content: a TFLite file that LiteRT has accepted. output: its number. divisor: of the sides of the head's maps.
    Raises ValueError where the output shares no maps with the others, or its head does more than convolve, add and
    resize maps, so that a window of it would differ from the whole."""
    graph = _Graph(content)
    others = [tensor for number, tensor in enumerate(graph.outputs) if number != output]
    trunk = graph.operators_of(others)
    head = graph.operators_of([graph.outputs[output]]) - trunk
    shared = sorted(graph.tensors(head, graph.read) & graph.tensors(trunk, graph.written))
    if not (head and shared and {graph.kinds[number] for number in head} <= LOCAL_OPERATORS):
        raise ValueError("the output can't be split off")
    whole, part = bytearray(content), bytearray(content)
    graph.keep(whole, trunk, inputs=graph.inputs, outputs=[*others, *shared])
    graph.keep(part, head, inputs=shared, outputs=[graph.outputs[output]])
    graph.divide(part, head, shared, divisor)
    return bytes(whole), bytes(part), tuple(map(graph.shape, shared))


class _Graph:
    """The only subgraph of a network. Its places are those of any copy of the network."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._model: Any = schema.Model.GetRootAs(content, 0)
        self._graph: Any = self._model.Subgraphs(0)
        self._operators = [self._graph.Operators(number) for number in range(self._graph.OperatorsLength())]
        self.inputs, self.outputs = (list(_numbers(self._graph._tab, field)) for field in (INPUTS, OUTPUTS))
        # -1 stands for an input that is left out.
        self.read = [[tensor for tensor in _numbers(one._tab, INPUTS) if tensor >= 0] for one in self._operators]
        self.written = [list(_numbers(one._tab, OUTPUTS)) for one in self._operators]
        codes = [self._model.OperatorCodes(number) for number in range(self._model.OperatorCodesLength())]
        names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
        known = [names.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "") for code in codes]
        self.kinds: list[str] = [known[one.OpcodeIndex()] for one in self._operators]
        """Of each operator; empty where the schema does not name it."""

    def operators_of(self, tensors: Iterable[int]) -> set[int]:
        """That compute these tensors, from the network's input on."""
        writer = {tensor: number for number, written in enumerate(self.written) for tensor in written}
        found: set[int] = set()
        wanted = list(tensors)
        while wanted:
            number = writer.get(wanted.pop())
            if number is not None and number not in found:
                found.add(number)
                wanted += self.read[number]
        return found

    def tensors(self, operators: Iterable[int], side: list[list[int]]) -> set[int]:
        return {tensor for number in operators for tensor in side[number]}

    def shape(self, tensor: int) -> tuple[int, ...]:
        return _numbers(self._graph.Tensors(tensor)._tab, SHAPE)

    def keep(self, content: bytearray, operators: set[int], *, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Drop all other operators from a copy of the network, and set its inputs and outputs."""
        table = self._graph._tab
        start = table.Vector(table.Offset(OPERATORS))
        for place, number in enumerate(sorted(operators)):
            at = start + 4 * place
            struct.pack_into("<I", content, at, self._operators[number]._tab.Pos - at)
        struct.pack_into("<I", content, start - 4, len(operators))
        for field, tensors in ((INPUTS, inputs), (OUTPUTS, outputs)):
            content += bytes(-len(content) % 4)
            at = table.Pos + table.Offset(field)
            struct.pack_into("<I", content, at, len(content) - at)
            content += struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors)

    def divide(self, content: bytearray, operators: set[int], inputs: Sequence[int], divisor: int) -> None:
        """Divide height and width of all maps that operators read and write in a copy, and the sizes that they resize
        to."""
        divide = partial(_divide, content, divisor=divisor)
        making_maps = {number for number in operators if self.kinds[number] != "DEQUANTIZE"}  # which makes weights
        for tensor in {*inputs, *self.tensors(making_maps, self.written)}:
            divide(self._graph.Tensors(tensor)._tab, SHAPE, first=1)  # 0 is the batch
        resizing = {number for number in operators if self.kinds[number] == "RESIZE_BILINEAR" and self.read[number]}
        for buffer in {self._graph.Tensors(self.read[number][-1]).Buffer() for number in resizing}:
            divide(self._model.Buffers(buffer)._tab, DATA, first=0)


def _numbers(table: Any, field: int) -> tuple[int, ...]:
    """32-bit integers from a flatbuffer table; empty where the list is left out."""
    offset = table.Offset(field)
    if not offset:
        return ()
    return struct.unpack_from(f"<{table.VectorLen(offset)}i", table.Bytes, table.Vector(offset))


def _divide(content: bytearray, table: Any, field: int, *, divisor: int, first: int) -> None:
    """Divide two numbers of a table's list, beginning with the `first`. Raises ValueError where it has none."""
    if not table.Offset(field):
        raise ValueError("a map or a size has no numbers")
    at = table.Vector(table.Offset(field)) + 4 * first
    height, width = struct.unpack_from("<2i", content, at)
    struct.pack_into("<2i", content, at, height // divisor, width // divisor)
