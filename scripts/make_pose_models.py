"""Make the BlazePose bundles in models/pose/ from the networks that Google published.

The wheels of MediaPipe contain no pose model since 0.10.30, so livecoach ships its own bundles. The networks come from
two published packages (Apache-2.0). The script adds the metadata that the Tasks API requires, and cuts the landmark
network in two, with its weights unchanged, so that the mask is only computed when it is needed:

    pip download --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_28_x86_64 \
        mediapipe==0.10.21
    npm pack @mediapipe/pose@0.5.1675469404
    python scripts/make_pose_models.py mediapipe-0.10.21-*.whl mediapipe-pose-0.5.1675469404.tgz

`--heavy` writes the heavy bundle too (30 MB, not shipped): give it to livecoach with `--pose PATH`.
The digests of the written files are compared with those in models/pose/digests.json.
"""

import argparse
import hashlib
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as tflite_schema

from livecoach.perception.pose.following import guide_picture
from livecoach.perception.pose.landmark_network import DIVISOR, MASK, SIDE_PX, LandmarkNetwork, picture_region
from livecoach.perception.pose.litert import DETECTOR, HEAD, LANDMARKS

MODELS = Path(__file__).resolve().parents[1] / "models" / "pose"
FILE_HEADER_BYTES = 30  # Length of the header of a file in a zip, without the file's name
ALIGNMENT = 64  # Bytes: MediaPipe maps the networks in place, so each must start on this boundary inside the zip


def normalization_metadata(name: str, mean: float, std: float) -> bytes:
    """Return TFLite metadata that states the normalisation of the only input, an RGB image: (x - mean) / std."""
    unit = metadata_schema.ProcessUnitT()
    unit.optionsType = metadata_schema.ProcessUnitOptions.NormalizationOptions
    unit.options = metadata_schema.NormalizationOptionsT()
    unit.options.mean, unit.options.std = [mean], [std]

    image = metadata_schema.ImagePropertiesT()
    image.colorSpace = metadata_schema.ColorSpaceType.RGB
    tensor = metadata_schema.TensorMetadataT()
    tensor.name = "image"
    tensor.content = metadata_schema.ContentT()
    tensor.content.contentPropertiesType = metadata_schema.ContentProperties.ImageProperties
    tensor.content.contentProperties = image
    tensor.processUnits = [unit]

    graph = metadata_schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    model = metadata_schema.ModelMetadataT()
    model.name = name
    model.subgraphMetadata = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def with_metadata(network: bytes, metadata: bytes) -> bytes:
    """Return a network with `metadata` as its TFLITE_METADATA, which replaces earlier metadata of this name."""
    model = tflite_schema.ModelT.InitFromObj(tflite_schema.Model.GetRootAsModel(network, 0))
    buffer = tflite_schema.BufferT()
    buffer.data = np.frombuffer(metadata, np.uint8)
    model.buffers.append(buffer)
    entry = tflite_schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    kept = [m for m in model.metadata or [] if m.name not in (b"TFLITE_METADATA", "TFLITE_METADATA")]
    model.metadata = [*kept, entry]
    return packed(model)


def packed(model: Any) -> bytes:
    """Return the TFLite file of a model, an object of the TFLite schema."""
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def cut_mask_off(network: bytes) -> tuple[bytes, bytes]:
    """Cut a landmark network in two: the trunk and the head, which computes the mask from windows of the trunk's maps.

    Weights and operators stay as they are. The first map takes the mask's place among the trunk's outputs, and the
    other maps follow at the end.
    """
    model = tflite_schema.ModelT.InitFromObj(tflite_schema.Model.GetRootAsModel(network, 0))
    graph, operators, buffers = model.subgraphs[0], model.subgraphs[0].operators, model.buffers
    outputs = list(graph.outputs)
    trunk = operators_of(operators, outputs[:MASK] + outputs[MASK + 1 :])
    head = operators_of(operators, [outputs[MASK]]) - trunk
    read = {tensor for number in head for tensor in operators[number].inputs}
    first, *rest = sorted(read & {tensor for number in trunk for tensor in operators[number].outputs})

    def half(numbers: Iterable[int], inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        graph.operators, graph.inputs, graph.outputs = [operators[n] for n in sorted(numbers)], inputs, outputs
        used = {tensor for operator in graph.operators for tensor in operator.inputs if tensor >= 0}
        kept = {graph.tensors[tensor].buffer for tensor in used} | {entry.buffer for entry in model.metadata}
        model.buffers = [buffer if n in kept else tflite_schema.BufferT() for n, buffer in enumerate(buffers)]
        return packed(model)

    trunk_file = half(trunk, graph.inputs, [*outputs[:MASK], first, *outputs[MASK + 1 :], *rest])
    kinds = tflite_schema.BuiltinOperator
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    maps, sizes = {first, *rest}, set()
    for operator in (operators[number] for number in head):
        kind = codes[operator.opcodeIndex]
        if kind != kinds.DEQUANTIZE:  # which makes weights
            maps.update(operator.outputs)
        if kind == kinds.RESIZE_BILINEAR:
            sizes.add(graph.tensors[operator.inputs[1]].buffer)
    for tensor in maps:
        graph.tensors[tensor].shape = graph.tensors[tensor].shape // np.array([1, DIVISOR, DIVISOR, 1], np.int32)
    for number in sizes:
        buffers[number].data = (buffers[number].data.view("<i4") // DIVISOR).view(np.uint8)
    return trunk_file, half(head, [first, *rest], [outputs[MASK]])


def operators_of(operators: Sequence[Any], tensors: Iterable[int]) -> set[int]:
    """Return the indices of all operators that are needed to compute tensors from the network's input."""
    writer = {tensor: number for number, operator in enumerate(operators) for tensor in operator.outputs}
    found: set[int] = set()
    wanted = list(tensors)
    while wanted:
        number = writer.get(wanted.pop())
        if number is not None and number not in found:
            found.add(number)
            wanted.extend(operators[number].inputs)
    return found


def check_halves(network: bytes, trunk: bytes, head: bytes) -> None:
    """Assert that a cut network finds the landmarks and the mask of the whole network, to the bit."""
    picture = guide_picture()
    everything = slice(0, SIDE_PX)
    results = []
    for content, mask in ((network, None), (trunk, head)):
        pose = LandmarkNetwork(content, mask, threads=1).estimate_region(picture, picture_region(picture))
        assert pose is not None, "somebody is in the picture"
        results.append((pose.points_px, pose.confidences, pose.world, pose.mask().values(everything, everything)))
    assert all(map(np.array_equal, *results)), "the cut network differs"


def write_bundle(path: Path, networks: dict[str, bytes]) -> str:
    """Write a .task file, a zip of stored, aligned files without dates, and return its SHA-256."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in networks.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            assert bundle.fp is not None, "open for writing"
            start = bundle.fp.tell() + FILE_HEADER_BYTES + len(name)
            padding = -start % ALIGNMENT
            if 0 < padding < 4:  # an extra field has a header of four bytes
                padding += ALIGNMENT
            if padding:
                entry.extra = b"\xca\xfe" + (padding - 4).to_bytes(2, "little") + bytes(padding - 4)
            bundle.writestr(entry, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the content of a file in an archive."""
    member = archive.extractfile(name)
    assert member is not None, f"{name}: is no file"
    return member.read()


def read_networks(wheel: Path, npm: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return the person detector, and the landmark networks by name."""
    with zipfile.ZipFile(wheel) as archive:
        detector = archive.read("mediapipe/modules/pose_detection/pose_detection.tflite")
        full = archive.read("mediapipe/modules/pose_landmark/pose_landmark_full.tflite")
    with tarfile.open(npm) as archive:
        lite, heavy = (read_member(archive, f"package/pose_landmark_{name}.tflite") for name in ("lite", "heavy"))
    return detector, {"lite": lite, "full": full, "heavy": heavy}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="mediapipe 0.10.21 wheel: detector and full model")
    parser.add_argument("npm", type=Path, help="@mediapipe/pose 0.5.1675469404 package: lite and heavy model")
    parser.add_argument("--heavy", action="store_true", help="write the heavy bundle too")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder to write to (default: models/pose)")
    arguments = parser.parse_args()

    detector, networks = read_networks(arguments.wheel, arguments.npm)
    detector = with_metadata(detector, normalization_metadata("pose detector", 127.5, 127.5))
    expected = json.loads((MODELS / "digests.json").read_text())
    differing = []
    for name in ("lite", "full", "heavy") if arguments.heavy else ("lite", "full"):
        landmarks = with_metadata(networks[name], normalization_metadata("pose landmarks", 0.0, 255.0))
        trunk, head = cut_mask_off(landmarks)
        check_halves(landmarks, trunk, head)
        file = f"pose_landmarker_{name}.task"
        digest = write_bundle(arguments.out / file, {DETECTOR: detector, LANDMARKS: trunk, HEAD: head})
        print(f"{file} {digest}")
        if expected[file] != digest:
            differing.append(file)
    if differing:
        print(f"differ from {MODELS / 'digests.json'}: {', '.join(differing)}", file=sys.stderr)
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
