"""Run TFLite networks with LiteRT."""

from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ModelError


class TfliteNetwork:
    """A TFLite network of one float input and one float output, on one thread."""

    def __init__(self, path: Path, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        try:
            self._interpreter: Any = Interpreter(
                model_path=str(path),
                num_threads=1,
                # The default adds a delegate that announces itself on stderr and gains nothing at this size.
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ModelError(f"{path}: is not a TFLite network. Restore the model folder.") from err
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if (len(inputs), len(outputs)) != (1, 1):
            raise ModelError(f"{path}: has {len(inputs)} inputs and {len(outputs)} outputs, expected one each.")
        self._input, self._output = inputs[0], outputs[0]
        for what, details, wanted in (("input", self._input, input_shape), ("output", self._output, output_shape)):
            shape = tuple(int(n) for n in details["shape"])
            if shape != wanted or details["dtype"] != np.float32:
                raise ModelError(f"{path}: {what} is {details['dtype'].__name__} {shape}, expected float32 {wanted}.")

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Run the network. value: float32 of the input's shape, the batch axis first. Return float32 of the output's
        shape."""
        self._interpreter.set_tensor(self._input["index"], value)
        self._interpreter.invoke()
        output: np.ndarray = self._interpreter.get_tensor(self._output["index"])
        return output
