"""Writes small float32 TFLite networks from weights, with the schema that ai-edge-litert ships.

A network is a sequence of PAD, CONV_2D, MAX_POOL_2D, RESIZE_NEAREST_NEIGHBOR, RESHAPE, FULLY_CONNECTED and LOG_SOFTMAX.
This is enough for our networks, and avoids the gigabytes of a converter. Layouts are TFLite's: pictures (1, height,
width, channels), kernels (outputs, height, width, inputs).
"""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

FILE_IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3
VALID = schema.Padding.VALID


class TfliteWriter:
    """A writer that builds a TFLite network layer by layer. `content` returns the file of the network."""

    def __init__(self, description: str, input_shape: tuple[int, ...]) -> None:
        """Begin a network; the first axis of its input is the batch of 1."""
        self._model: Any = schema.ModelT()
        self._model.version = SCHEMA_VERSION
        self._model.description = description
        self._model.buffers = [schema.BufferT()]  # buffer 0 is empty by convention
        self._model.operatorCodes = []
        self._graph: Any = schema.SubGraphT()
        self._graph.name = b"main"
        self._graph.tensors, self._graph.operators = [], []
        self._codes: dict[int, int] = {}
        self._shape = input_shape
        self._last = self._tensor("input", input_shape, schema.TensorType.FLOAT32)
        self._graph.inputs = np.array([self._last], np.int32)

    def pad(self, rows: int, columns: int) -> None:
        """Add a layer that pads a picture with `rows` of zeros above and below, and `columns` on the left and right."""
        amounts = np.array([[0, 0], [rows, rows], [columns, columns], [0, 0]], np.int32)
        batch, height, width, channels = self._shape
        self._operator(
            schema.BuiltinOperator.PAD,
            [self._constant(amounts)],
            (batch, height + 2 * rows, width + 2 * columns, channels),
            _options("Pad"),
        )

    def conv_2d(self, kernel: np.ndarray, bias: np.ndarray, *, stride: int = 1, dilation: int = 1, relu: bool) -> None:
        """Add a convolution without padding.

        Args:
            kernel: (outputs, height, width, inputs).
            bias: (outputs,).
            stride: Stride of rows and of columns.
            dilation: Dilation of rows; columns have none.
        """
        batch, height, width, _ = self._shape
        outputs, kernel_height, kernel_width, _ = kernel.shape
        strides = {"strideH": stride, "strideW": stride, "dilationHFactor": dilation, "dilationWFactor": 1}
        options = _options("Conv2D", padding=VALID, fusedActivationFunction=_activation(relu), **strides)
        self._operator(
            schema.BuiltinOperator.CONV_2D,
            [self._constant(kernel.astype(np.float32)), self._constant(bias.astype(np.float32))],
            (
                batch,
                (height - dilation * (kernel_height - 1) - 1) // stride + 1,
                (width - kernel_width) // stride + 1,
                outputs,
            ),
            options,
        )

    def max_pool(self, size: int) -> None:
        """Add a layer that takes the maximum of each square of `size` by `size`, and drops incomplete squares."""
        batch, height, width, channels = self._shape
        sizes = dict.fromkeys(("strideH", "strideW", "filterHeight", "filterWidth"), size)
        self._operator(
            schema.BuiltinOperator.MAX_POOL_2D,
            [],
            (batch, height // size, width // size, channels),
            _options("Pool2D", padding=VALID, **sizes),
        )

    def enlarge(self, times: int) -> None:
        """Add a layer that enlarges a picture: each number fills a square of `times` by `times`."""
        batch, height, width, channels = self._shape
        shape = (batch, height * times, width * times, channels)
        self._operator(
            schema.BuiltinOperator.RESIZE_NEAREST_NEIGHBOR,
            [self._constant(np.array(shape[1:3], np.int32))],
            shape,
            _options("ResizeNearestNeighbor"),
        )

    def reshape(self, shape: tuple[int, ...]) -> None:
        """Add a layer that changes the shape, and keeps the order of the numbers."""
        new = np.array(shape, np.int32)
        self._operator(schema.BuiltinOperator.RESHAPE, [self._constant(new)], shape, _options("Reshape", newShape=new))

    def flatten(self) -> None:
        """Add a layer that flattens all numbers into one row: shape (1, n)."""
        self.reshape((1, int(np.prod(self._shape))))

    def fully_connected(self, weights: np.ndarray, bias: np.ndarray, *, relu: bool) -> None:
        """Add a dense layer with weights (outputs, inputs) and bias (outputs,); `relu` turns negative outputs to 0."""
        self._operator(
            schema.BuiltinOperator.FULLY_CONNECTED,
            [self._constant(weights.astype(np.float32)), self._constant(bias.astype(np.float32))],
            (1, len(weights)),
            _options("FullyConnected", fusedActivationFunction=_activation(relu)),
        )

    def log_softmax(self) -> None:
        """Add a layer that computes the logarithm of the softmax over the last axis."""
        self._operator(schema.BuiltinOperator.LOG_SOFTMAX, [], self._shape, _options("LogSoftmax"))

    def content(self) -> bytes:
        """Return the content of the TFLite file; the output of the network is the output of the last layer."""
        self._graph.outputs = np.array([self._last], np.int32)
        self._model.subgraphs = [self._graph]
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(self._model.Pack(builder), FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _tensor(self, name: str, shape: tuple[int, ...], kind: int, buffer: int = 0) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.type, tensor.buffer = name.encode(), kind, buffer
        tensor.shape = np.array(shape, np.int32)
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _constant(self, value: np.ndarray) -> int:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(value).tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        kind = schema.TensorType.INT32 if value.dtype == np.int32 else schema.TensorType.FLOAT32
        name = f"constant_{len(self._model.buffers) - 1}"
        return self._tensor(name, value.shape, kind, len(self._model.buffers) - 1)

    def _operator(self, code: int, constants: list[int], shape: tuple[int, ...], options: tuple[int, Any]) -> None:
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(code)
        operator.inputs = np.array([self._last, *constants], np.int32)
        operator.builtinOptionsType, operator.builtinOptions = options
        self._shape = shape
        self._last = self._tensor(f"layer_{len(self._graph.operators)}", shape, schema.TensorType.FLOAT32)
        operator.outputs = np.array([self._last], np.int32)
        self._graph.operators.append(operator)

    def _code(self, code: int) -> int:
        if code not in self._codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = 1
            self._model.operatorCodes.append(entry)
            self._codes[code] = len(self._codes)
        return self._codes[code]


def _options(kind: str, **fields: object) -> tuple[int, Any]:
    options = getattr(schema, f"{kind}OptionsT")()
    for name, value in fields.items():
        setattr(options, name, value)
    return getattr(schema.BuiltinOptions, f"{kind}Options"), options


def _activation(relu: bool) -> int:
    kind = schema.ActivationFunctionType
    return kind.RELU if relu else kind.NONE
