"""Run TFLite networks with LiteRT."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ModelError
from livecoach.model_files.silence import silenced


class TfliteNetwork:
    """A TFLite network of one input and one float output, on one thread."""

    def __init__(
        self,
        path: Path,
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        *,
        input_type: type[np.generic] = np.float32,
        optimised: bool = False,
    ) -> None:
        """optimised: with the delegate that the default adds. It announces itself on stderr; a small network gains
        nothing by it, one of pictures is two to three times as fast. Raises ModelError."""
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kinds = OpResolverType
        try:
            with silenced() if optimised else nullcontext():
                self._interpreter: Any = Interpreter(
                    model_path=str(path),
                    num_threads=1,
                    experimental_op_resolver_type=kinds.AUTO if optimised else kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                )
                self._interpreter.allocate_tensors()
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
                found = details["dtype"].__name__
                raise ModelError(f"{path}: {what} is {found} {shape}, expected {kind.__name__} {wanted}.")

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Run the network. value: of the input's type and shape, the batch axis first. Return float32 of the output's
        shape."""
        self._interpreter.set_tensor(self._input["index"], value)
        self._interpreter.invoke()
        output: np.ndarray = self._interpreter.get_tensor(self._output["index"])
        return output
