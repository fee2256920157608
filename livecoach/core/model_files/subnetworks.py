"""Splits a TFLite network in two, so that an output that is rarely needed is computed only when it is needed.

A TFLite file is a flatbuffer, whose lists can be replaced in place. Weights and operators stay as they are. The few
fields that matter are read here, because LiteRT's module of the whole schema takes 4 MiB and 13 ms.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flatbuffers.number_types import Int8Flags, Int32Flags, Uint32Flags
from flatbuffers.table import Table

CODES, SUBGRAPHS, BUFFERS = 6, 8, 12  # Offsets of a model's lists in its flatbuffer table, as in TFLite's schema.fbs
TENSORS, INPUTS, OUTPUTS, OPERATORS = 4, 6, 8, 10
"""Offsets of a subgraph's lists. An operator's table has inputs and outputs at the same offsets."""
SHAPE, BUFFER, DATA = 4, 8, 4  # Offsets of a tensor's shape and of its buffer's number, and of a buffer's data
OPCODE, OLD_CODE, CODE = 4, 4, 10
"""Offsets of an operator's place in the model's codes, and of a code in old files (up to 127) and in new files."""
ADD, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, RESIZE_BILINEAR = 0, 3, 4, 6, 23  # Codes, as in schema.fbs
LOCAL_OPERATORS = frozenset((ADD, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, RESIZE_BILINEAR))
"""Operators whose result for a window of a map is that window of their result for the map, except for its margin."""


Split = tuple[bytes, bytes, tuple[tuple[int, ...], ...]]
"""The TFLite files of trunk and head, and the shapes of the maps between them, in the order of the head's inputs.

The trunk computes the other outputs and, after them, the maps. From windows of the maps, the head computes the split
output."""


def split_off(content: bytes, output: int, *, divisor: int) -> Split:
    """Split a network in two, so that one of its outputs is computed by a network of its own (the head).

    Args:
        content: A TFLite file that LiteRT has accepted.
        output: Index of the output, from 0.
        divisor: Number by which the sides of the maps are divided to get the sides of the head's windows.

    Raises:
        ValueError: The output shares no maps with the other outputs, a map has no size, or the head does more than
            convolve, add and resize maps, so that the result of a window would differ from the result of whole maps.
    """
    graph = _Graph(content)
    others = [tensor for number, tensor in enumerate(graph.outputs) if number != output]
    trunk = graph.operators_of(others)
    head = graph.operators_of([graph.outputs[output]]) - trunk
    shared = sorted(graph.tensors(head, graph.read) & graph.tensors(trunk, graph.written))
    if not (head and shared and {graph.kinds[number] for number in head} <= LOCAL_OPERATORS):
        raise ValueError("the output can't be split off")
    whole, part = bytearray(content), bytearray(content)
    graph.keep_operators(whole, trunk, inputs=graph.inputs, outputs=[*others, *shared])
    graph.keep_operators(part, head, inputs=shared, outputs=[graph.outputs[output]])
    graph.divide(part, head, shared, divisor)
    return bytes(whole), bytes(part), tuple(map(graph.shape, shared))


class _Graph:
    """The only subgraph of a network. Its offsets also hold for any copy of the network."""

    def __init__(self, content: bytes) -> None:
        (root,) = struct.unpack_from("<I", content)
        model = Table(content, root)
        self._table = _tables(model, SUBGRAPHS)[0]
        self._operators, self._tensors = _tables(self._table, OPERATORS), _tables(self._table, TENSORS)
        self._buffers, codes = _tables(model, BUFFERS), _tables(model, CODES)
        self.inputs, self.outputs = (list(_numbers(self._table, field)) for field in (INPUTS, OUTPUTS))
        # -1 stands for an input that is left out.
        self.read = [[t for t in _numbers(operator, INPUTS) if t >= 0] for operator in self._operators]
        self.written = [list(_numbers(operator, OUTPUTS)) for operator in self._operators]
        kinds = [max(_number(code, OLD_CODE, Int8Flags), _number(code, CODE, Int32Flags)) for code in codes]
        self.kinds: list[int] = [kinds[_number(operator, OPCODE, Uint32Flags)] for operator in self._operators]
        """Code of each operator's kind."""

    def operators_of(self, tensors: Iterable[int]) -> set[int]:
        """Return the indices of all operators that are needed to compute tensors from the network's input."""
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
        """Return the indices of the tensors that some operators read or write. `side` is `read` or `written`."""
        return {tensor for number in operators for tensor in side[number]}

    def shape(self, tensor: int) -> tuple[int, ...]:
        return _numbers(self._tensors[tensor], SHAPE)

    def keep_operators(
        self, content: bytearray, operators: set[int], *, inputs: Sequence[int], outputs: Sequence[int]
    ) -> None:
        """Keep only some operators in a copy of the network, in place, and set the copy's inputs and outputs."""
        table = self._table
        start = table.Vector(table.Offset(OPERATORS))
        for place, number in enumerate(sorted(operators)):
            at = start + 4 * place
            struct.pack_into("<I", content, at, self._operators[number].Pos - at)
        struct.pack_into("<I", content, start - 4, len(operators))
        for field, tensors in ((INPUTS, inputs), (OUTPUTS, outputs)):
            content += bytes(-len(content) % 4)
            at = table.Pos + table.Offset(field)
            struct.pack_into("<I", content, at, len(content) - at)
            content += struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors)

    def divide(self, content: bytearray, operators: set[int], inputs: Sequence[int], divisor: int) -> None:
        """Divide, in a copy, the sizes of inputs, of maps that `operators` make, and of resizing, rounded down."""
        divide = partial(_divide, content, divisor=divisor)
        making_maps = {number for number in operators if self.kinds[number] != DEQUANTIZE}  # DEQUANTIZE makes weights
        for tensor in {*inputs, *self.tensors(making_maps, self.written)}:
            divide(self._tensors[tensor], SHAPE, first=1)  # 0 is the batch
        resizing = {number for number in operators if self.kinds[number] == RESIZE_BILINEAR and self.read[number]}
        for buffer in {_number(self._tensors[self.read[number][-1]], BUFFER, Uint32Flags) for number in resizing}:
            divide(self._buffers[buffer], DATA, first=0)


def _tables(table: Table, field: int) -> list[Table]:
    """Return a list of tables in a flatbuffer table; empty if the table lacks the list."""
    offset = table.Offset(field)
    if not offset:
        return []
    first = table.Vector(offset)
    return [Table(table.Bytes, table.Indirect(first + 4 * place)) for place in range(table.VectorLen(offset))]


def _number(table: Table, field: int, kind: Any) -> int:
    """Return a number in a flatbuffer table; 0 if the table lacks it."""
    offset = table.Offset(field)
    return int(table.Get(kind, offset + table.Pos)) if offset else 0


def _numbers(table: Table, field: int) -> tuple[int, ...]:
    """Return a list of 32-bit integers in a flatbuffer table; empty if the table lacks the list."""
    offset = table.Offset(field)
    if not offset:
        return ()
    return struct.unpack_from(f"<{table.VectorLen(offset)}i", table.Bytes, table.Vector(offset))


def _divide(content: bytearray, table: Table, field: int, *, divisor: int, first: int) -> None:
    """Divide two numbers of a table's list, from index `first` on. Raises ValueError if the table lacks the list."""
    if not table.Offset(field):
        raise ValueError("a map or a size has no numbers")
    at = table.Vector(table.Offset(field)) + 4 * first
    height, width = struct.unpack_from("<2i", content, at)
    struct.pack_into("<2i", content, at, height // divisor, width // divisor)
