"""BlazePose with a whole landmark network, as MediaPipe has it: the halves that ship are joined again."""

import zipfile
from io import BytesIO

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from livecoach.core.config.pose_models import model_file
from livecoach.perception.pose.landmark_network import DIVISOR, MASK, OUTPUTS
from livecoach.perception.pose.litert import DETECTOR, HEAD, LANDMARKS


def whole_network(model: str) -> bytes:
    """The landmark network. The trunk has the sizes of its maps, and the head the halved sizes to which it resizes."""
    with zipfile.ZipFile(model_file(model)) as bundle:
        whole, head = (schema.ModelT.InitFromPackedBuf(bundle.read(name)) for name in (LANDMARKS, HEAD))
    graph, part = whole.subgraphs[0], head.subgraphs[0]
    buffers = zip(whole.buffers, head.buffers, strict=True)
    whole.buffers = [own if own.data is not None else other for own, other in buffers]
    for operator in part.operators:
        if whole.operatorCodes[operator.opcodeIndex].builtinCode == schema.BuiltinOperator.RESIZE_BILINEAR:
            size = whole.buffers[graph.tensors[operator.inputs[1]].buffer]
            size.data = (size.data.view("<i4") * DIVISOR).view(np.uint8)
    graph.operators = [*graph.operators, *part.operators]
    graph.outputs = [*graph.outputs[:MASK], *part.outputs, *graph.outputs[MASK + 1 : len(OUTPUTS)]]
    builder = flatbuffers.Builder(0)
    builder.Finish(whole.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def whole_bundle(model: str) -> bytes:
    """A .task file with the whole landmark network."""
    with zipfile.ZipFile(model_file(model)) as bundle, BytesIO() as content:
        with zipfile.ZipFile(content, "w") as joined:
            joined.writestr(DETECTOR, bundle.read(DETECTOR))
            joined.writestr(LANDMARKS, whole_network(model))
        return content.getvalue()
