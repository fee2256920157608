"""Run TFLite networks with LiteRT."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.config.files import read_limited
from livecoach.core.errors import ModelError

LARGEST_BYTES = 512 * 2**20  # the largest that ships has 9 MiB; the user's own may be larger


def read_network(path: Path, action: str) -> bytes:
    """action: advice for the user where it fails. Raises ModelError, also for a pipe or a device, which may never
    end."""
    try:
        return read_limited(path, LARGEST_BYTES)
    except OSError as err:
        raise ModelError(f"{path}: can't be read ({err.strerror}). {action}") from err


class TfliteNetwork:
    """Of one input and one float output, on one thread."""

    def __init__(
        self,
        path: Path,
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        *,
        input_type: type[np.generic] = np.float32,
        optimised: bool = False,
    ) -> None:
        """optimised: with LiteRT's default delegate, which announces itself on stderr; only networks of pictures gain
        by it. Raises ModelError."""
        content = read_network(path, "Restore the model folder.")
        try:
            self._interpreter = _interpreter(optimised=optimised, model_content=content, num_threads=1)
        except (ValueError, RuntimeError) as err:
            raise ModelError(f"{path}: is not a TFLite network. Restore the model folder.") from err
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if (len(inputs), len(outputs)) != (1, 1):
            raise ModelError(f"{path}: has {len(inputs)} inputs and {len(outputs)} outputs, expected one each.")
        self._input, self._output = inputs[0], outputs[0]
        for what, details, wanted, kind in (
            ("input", self._input, input_shape, input_type),
            ("output", self._output, output_shape, np.float32),
        ):
            shape = tuple(int(n) for n in details["shape"])
            if shape != wanted or details["dtype"] != kind:
                actual = details["dtype"].__name__
                raise ModelError(f"{path}: {what} is {actual} {shape}, expected {kind.__name__} {wanted}.")

    def constants(self) -> list[np.ndarray]:
        """Weights and other constants, in the order of the file."""
        constants = []
        for details in self._interpreter.get_tensor_details():
            if details["name"].startswith("constant_"):
                constants.append(self._interpreter.get_tensor(details["index"]))
        return constants

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """value: of the input's type and shape, the batch axis first. Returns float32 of the output's shape."""
        self._interpreter.set_tensor(self._input["index"], value)
        self._interpreter.invoke()
        output: np.ndarray = self._interpreter.get_tensor(self._output["index"])
        return output


class FloatNetwork:
    """Several float inputs and outputs. Nothing is copied in or out."""

    def __init__(
        self,
        content: bytes,
        path: Path,
        inputs: Sequence[tuple[int, ...]],
        outputs: Sequence[tuple[int, ...]],
        *,
        threads: int = 1,
    ) -> None:
        """path: of the content, for errors. inputs, outputs: their shapes, in the network's order. Raises ModelError
        where it is another network."""
        build = partial(_interpreter, optimised=True, model_content=content, num_threads=threads)
        self._interpreter = _checked(build, path, inputs, outputs)
        details = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._inputs, self._outputs = ([self._interpreter.tensor(one["index"]) for one in side] for side in details)

    def input(self, number: int) -> np.ndarray:
        """In the network's own memory, to be filled. Drop it before the network runs."""
        value: np.ndarray = self._inputs[number]()
        return value

    def run(self) -> None:
        self._interpreter.invoke()

    def output(self, number: int) -> np.ndarray:
        """In the network's own memory. Drop it before the network runs again."""
        value: np.ndarray = self._outputs[number]()
        return value


class PictureNetwork(FloatNetwork):
    def __init__(
        self, content: bytes, path: Path, side_px: int, outputs: Sequence[tuple[int, ...]], *, threads: int = 1
    ) -> None:
        """side_px: of the picture. The other arguments, and errors, are those of FloatNetwork."""
        super().__init__(content, path, [(1, side_px, side_px, 3)], outputs, threads=threads)

    def run_on(self, picture: np.ndarray, *, low: float) -> None:
        """picture: (side, side, 3) uint8 RGB, scaled to values from `low` to 1."""
        value = self.input(0)[0]
        np.multiply(picture, np.float32((1.0 - low) / 255), out=value)
        if low:
            value += np.float32(low)
        del value  # the interpreter does not run while its tensors are in use
        self.run()


def check_pose_network(content: bytes, path: Path, side_px: int, outputs: Sequence[tuple[int, ...]]) -> None:
    """Raise ModelError where a file's content is no network of a square picture with these float outputs."""
    from ai_edge_litert.interpreter import Interpreter

    _checked(partial(Interpreter, model_content=content), path, [(1, side_px, side_px, 3)], outputs)


def no_pose_model(path: Path) -> ModelError:
    return ModelError(f"{path}: is no pose model that LiteRT can use. Check --pose.")


def _checked(
    build: Callable[[], Any], path: Path, inputs: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]]
) -> Any:
    """Raise ModelError where the interpreter can't be made, or its network takes and makes no floats of these
    shapes."""
    try:
        interpreter = build()
        details = interpreter.get_input_details(), interpreter.get_output_details()
    except (ValueError, RuntimeError) as err:  # a name that is no UTF-8 is a ValueError, too
        raise no_pose_model(path) from err
    shapes = [[tuple(int(n) for n in one["shape"]) for one in side] for side in details]
    floats = all(one["dtype"] == np.float32 for side in details for one in side)
    if not floats or shapes != [list(inputs), list(outputs)]:
        raise no_pose_model(path)
    return interpreter


def _interpreter(*, optimised: bool, **options: Any) -> Any:
    """Raises ValueError or RuntimeError."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kinds = OpResolverType
    made = Interpreter(
        experimental_op_resolver_type=kinds.AUTO if optimised else kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES, **options
    )
    made.allocate_tensors()
    return made
