"""Run TFLite networks with LiteRT."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.config.files import read_limited
from livecoach.core.errors import ModelError, explained

LARGEST_BYTES = 512 * 2**20  # the largest that ships has 9 MiB; the user's own may be larger
Shapes = Sequence[tuple[int, ...]]


def read_network(path: Path, action: str) -> bytes:
    """action: advice for the user where it fails. Raises ModelError, also for a pipe or a device, which may never
    end."""
    with explained(ModelError, f"{path}: can't be read", action):
        return read_limited(path, LARGEST_BYTES)


def interpreter(
    content: bytes,
    inputs: Shapes,
    outputs: Shapes,
    *,
    input_type: type[np.generic] = np.float32,
    optimised: bool = True,
    threads: int = 1,
) -> Any:
    """LiteRT's, before it takes memory. inputs, outputs: their shapes, in the network's order. optimised: with LiteRT's
    default delegate, which announces itself on stderr; only networks of pictures gain by it. Raises ValueError where
    the content is no network, or one that takes and makes something else."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.AUTO if optimised else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        made = Interpreter(model_content=content, num_threads=threads, experimental_op_resolver_type=resolver)
        sides = made.get_input_details(), made.get_output_details()
    except (ValueError, RuntimeError) as err:  # a name that is no UTF-8 is a ValueError, too
        raise ValueError("is not a TFLite network") from err
    kinds: tuple[type[np.generic], type[np.generic]] = input_type, np.float32
    for what, side, kind, shapes in zip(("input", "output"), sides, kinds, (inputs, outputs), strict=True):
        actual, wanted = [(one["dtype"], tuple(one["shape"].tolist())) for one in side], [(kind, one) for one in shapes]
        if actual != wanted:
            raise ValueError(f"{what} is {_described(actual)}, expected {_described(wanted)}")
    return made


def _described(tensors: Sequence[tuple[type[np.generic], tuple[int, ...]]]) -> str:
    return " and ".join(f"{kind.__name__} {shape}" for kind, shape in tensors)


class Network:
    """Nothing is copied in or out."""

    def __init__(self, interpreter: Any) -> None:
        """Raises ValueError where it can't get ready."""
        try:
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ValueError("is not a TFLite network") from err
        details = interpreter.get_input_details(), interpreter.get_output_details()
        self._interpreter = interpreter
        self._inputs, self._outputs = ([interpreter.tensor(one["index"]) for one in side] for side in details)

    def input(self, number: int) -> np.ndarray:
        """In the network's own memory, to be filled. Drop it before the network runs."""
        return self._inputs[number]()

    def run(self) -> None:
        self._interpreter.invoke()

    def output(self, number: int) -> np.ndarray:
        """In the network's own memory. Drop it before the network runs again."""
        return self._outputs[number]()


class PictureNetwork(Network):
    """Of a square picture."""

    def run_on(self, picture: np.ndarray, *, low: float) -> None:
        """picture: (side, side, 3) uint8 RGB, scaled to values from `low` to 1."""
        value = self.input(0)[0]
        np.multiply(picture, np.float32((1.0 - low) / 255), out=value)
        if low:
            value += np.float32(low)
        del value  # the interpreter does not run while its tensors are in use
        self.run()


class TfliteNetwork(Network):
    """A file of the model folder, with one input and one output."""

    def __init__(
        self,
        path: Path,
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        *,
        input_type: type[np.generic] = np.float32,
        optimised: bool = False,
    ) -> None:
        """As `interpreter`. Raises ModelError."""
        content = read_network(path, "Restore the model folder.")
        try:
            super().__init__(
                interpreter(content, [input_shape], [output_shape], input_type=input_type, optimised=optimised)
            )
        except ValueError as err:
            raise ModelError(f"{path}: {err}. Restore the model folder.") from err

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """value: of the input's type and shape, the batch axis first. Returns float32 of the output's shape."""
        self.input(0)[...] = value
        self.run()
        return self.output(0).copy()
