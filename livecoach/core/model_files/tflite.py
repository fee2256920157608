"""Runs TFLite networks with LiteRT."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from livecoach.core.config.files import read_limited
from livecoach.core.errors import ModelError, explain_os_errors

LARGEST_BYTES = 512 * 2**20  # size of the largest network that is read. The largest shipped network has 12 MiB.
Shapes = Sequence[tuple[int, ...]]


def read_network(path: Path, action: str) -> bytes:
    """Return the content of a network's file.

    Args:
        action: Advice for the user, which ends the text of an error.

    Raises:
        ModelError: The file can't be read, is larger than LARGEST_BYTES, or is a pipe or a device.
    """
    with explain_os_errors(ModelError, f"{path}: can't be read", action):
        return read_limited(path, LARGEST_BYTES)


def make_interpreter(
    content: bytes,
    inputs: Shapes,
    outputs: Shapes,
    *,
    input_type: type[np.generic] = np.float32,
    optimised: bool = True,
    threads: int = 1,
) -> Any:
    """Make LiteRT's interpreter of a network, check the inputs and outputs, and allocate no memory yet.

    Args:
        inputs, outputs: Shapes in the network's order; -1 stands for any length.
        input_type: Type of the inputs; outputs are float32.
        optimised: Whether to use LiteRT's default delegate, which only makes networks for pictures faster. The delegate
            announces itself on stderr.

    Raises:
        ValueError: The content is not a network, or has other inputs or outputs.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.AUTO if optimised else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        made = Interpreter(model_content=content, num_threads=threads, experimental_op_resolver_type=resolver)
        sides = made.get_input_details(), made.get_output_details()
    except (ValueError, RuntimeError) as err:  # a name that is no UTF-8 is a ValueError, too
        raise ValueError("is not a TFLite network") from err
    kinds: tuple[type[np.generic], type[np.generic]] = input_type, np.float32
    for what, side, kind, shapes in zip(("input", "output"), sides, kinds, (inputs, outputs), strict=True):
        actual = [(tensor["dtype"], tuple(tensor["shape"].tolist())) for tensor in side]
        wanted = [(kind, shape) for shape in shapes]
        if len(actual) != len(wanted) or not all(map(_fits, actual, wanted)):
            raise ValueError(f"{what} is {_described(actual)}, expected {_described(wanted)}")
    return made


Kind = tuple[type[np.generic], tuple[int, ...]]  # type and shape of a tensor


def _fits(actual: Kind, wanted: Kind) -> bool:
    (actual_type, shape), (wanted_type, wanted_shape) = actual, wanted
    lengths = tuple(length if other == -1 else other for length, other in zip(shape, wanted_shape, strict=False))
    return actual_type is wanted_type and shape == lengths and len(shape) == len(wanted_shape)


def _described(tensors: Sequence[Kind]) -> str:
    return " and ".join(f"{kind.__name__} {shape}" for kind, shape in tensors)


class Network:
    """A network that reads its inputs and writes its outputs in its own memory, without copies."""

    def __init__(self, interpreter: Any) -> None:
        """Allocate the memory of an interpreter. Raises ValueError if the interpreter's network is damaged."""
        try:
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ValueError("is not a TFLite network") from err
        details = interpreter.get_input_details(), interpreter.get_output_details()
        self._interpreter = interpreter
        self._inputs, self._outputs = ([interpreter.tensor(tensor["index"]) for tensor in side] for side in details)

    def input(self, index: int) -> np.ndarray:
        """Return an array over the memory of an input. Fill the array, and drop it before the network runs."""
        return self._inputs[index]()

    def run(self) -> None:
        """Compute the outputs from the inputs."""
        self._interpreter.invoke()

    def output(self, index: int) -> np.ndarray:
        """Return an array over the memory of an output. Drop the array before the network runs again."""
        return self._outputs[index]()


class PictureNetwork(Network):
    """A network whose first input is a square picture."""

    def run_on_picture(self, picture: np.ndarray, *, black: float) -> None:
        """Run the network on a picture. `output` then returns the results.

        Args:
            picture: (side, side, 3) uint8, RGB.
            black: Value of black for the network; white is 1.
        """
        value = self.input(0)[0]
        np.multiply(picture, np.float32((1.0 - black) / 255), out=value)
        if black:
            value += np.float32(black)
        del value  # the interpreter does not run while its tensors are in use
        self.run()


class TfliteNetwork(Network):
    """A network from a file of a model folder, with one input and one output. Several threads may call it."""

    def __init__(
        self,
        path: Path,
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        *,
        input_type: type[np.generic] = np.float32,
        optimised: bool = False,
    ) -> None:
        """Load the network. `make_interpreter` explains the last two arguments.

        Raises ModelError if the file can't be read, is damaged, or contains a network with other inputs or outputs.
        """
        self._memory = Lock()  # Only one thread at a time may hold the memory of the interpreter's tensors
        content = read_network(path, "Restore the model folder.")
        try:
            super().__init__(
                make_interpreter(content, [input_shape], [output_shape], input_type=input_type, optimised=optimised)
            )
        except ValueError as err:
            raise ModelError(f"{path}: {err}. Restore the model folder.") from err

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Run the network on an input, whose first axis is the batch, and return the output (float32)."""
        with self._memory:
            self._inputs[0]()[...] = value
            self._interpreter.invoke()
            result: np.ndarray = self._outputs[0]().copy()
        return result
