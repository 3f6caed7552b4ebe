"""Model folders for PaddleOCR: a tiny pair made on the spot, and the real Latin one that the rapidocr wheel carries.

The tiny detector asks of each pixel "is this ink?", so it finds drawn bars exactly. The tiny recogniser looks at the darkest
pixel of a piece: each shade of grey stands for a syllable, so a test can say which bar was read. They show that the real
PaddleOCR is called right; they say nothing about how well it reads. The real pair reads Latin letters, not Hangul.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import yaml
from onnx import TensorProto, helper, numpy_helper

from tasks.read.ocr.engine import Picture
from tasks.settings import OcrSettings, PaddleSettings

DETECTION, RECOGNITION = "PP-OCRv5_mobile_det", "korean_PP-OCRv5_mobile_rec"
LATIN_DETECTION, LATIN_RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"
SHADES = {"가": 0, "나": 40, "다": 80}
BETWEEN = 20  # neither 가 nor 나: read with a confidence of one half
SHARPNESS = 300.0
OUR_UV = Path(__file__).resolve().parents[1] / ".setup" / "uv" / "bin" / "uv"
RAPIDOCR = "rapidocr==3.10.0"
CACHE = Path(tempfile.gettempdir()) / f"jeongdap-test-models-{os.getuid()}"

# PaddleOCR makes folders in its home when it is imported; not in the user's.
os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(CACHE / "paddlex"))


def tiny_models(folder: Path) -> OcrSettings:
    """A detection and a recognition model in `folder`, and the settings that name them."""
    detection = {"w": np.full((1, 3, 1, 1), -10), "b": np.zeros(1)}
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"]), helper.make_node("Sigmoid", ["c"], ["y"])]
    write_model(folder / "det", detection_description(DETECTION), onnx_bytes(nodes, detection, ["n", 3, "h", "w"], 4))
    write_model(folder / "rec", recognition_description(RECOGNITION, "".join(SHADES)), _reader())
    return settings_of(folder, DETECTION, RECOGNITION)


def settings_of(folder: Path, detection: str, recognition: str, **options: Any) -> OcrSettings:
    """PaddleOCR with the models in `folder`/det and `folder`/rec."""
    paddle = PaddleSettings(
        detection=detection,
        detection_dir=str(folder / "det"),
        recognition=recognition,
        recognition_dir=str(folder / "rec"),
    )
    return OcrSettings(engine="paddleocr", paddle=paddle, **options)


def write_model(folder: Path, description: dict[str, Any], model: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inference.onnx").write_bytes(model)
    (folder / "inference.yml").write_text(yaml.safe_dump(description, allow_unicode=True), "utf-8")


def detection_description(name: str) -> dict[str, Any]:
    colours = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "order": "hwc", "scale": "1./255."}
    steps = [{"DetResizeForTest": {"resize_long": 960}}, {"NormalizeImage": colours}, {"ToCHWImage": None}]
    found = {"name": "DBPostProcess", "thresh": 0.3, "box_thresh": 0.6, "max_candidates": 1000, "unclip_ratio": 1.5}
    return _description(name, steps, found)


def recognition_description(name: str, characters: str) -> dict[str, Any]:
    found = {"name": "CTCLabelDecode", "character_dict": list(characters)}
    return _description(name, [{"RecResizeImg": {"image_shape": [3, 48, 320]}}], found)


def _description(name: str, steps: list[dict[str, Any]], found: dict[str, Any]) -> dict[str, Any]:
    ends = {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}, {"KeepKeys": {"keep_keys": ["image"]}}
    operations = [ends[0], *steps, ends[1]]
    return {"Global": {"model_name": name}, "PreProcess": {"transform_ops": operations}, "PostProcess": found}


def _reader() -> bytes:
    """Softmax over -(darkest - shade)²: blank, a class a shade, and the space that PaddleOCR adds."""
    shades = np.array([9.0, *(shade / 127.5 - 1 for shade in SHADES.values()), 9.0])  # 9: never near
    arrays = {"w": (2 * SHARPNESS * shades)[np.newaxis], "b": -SHARPNESS * shades**2, "axes": np.array([1, 2, 3])}
    nodes = [
        helper.make_node("Cast", ["axes"], ["over"], to=TensorProto.INT64),
        helper.make_node("ReduceMin", ["x", "over"], ["darkest"], keepdims=1),
        helper.make_node("Squeeze", ["darkest", "last"], ["d"]),
        helper.make_node("MatMul", ["d", "w"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["s"]),
        helper.make_node("Softmax", ["s"], ["y"], axis=2),
    ]
    last = helper.make_node("Constant", [], ["last"], value=numpy_helper.from_array(np.array([3])))
    return onnx_bytes([last, *nodes], arrays, ["n", 3, 48, "w"], 3)


def onnx_bytes(nodes: list[Any], arrays: dict[str, Any], shape: list[Any], rank: int) -> bytes:
    """A model with input x and output y."""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, [f"d{i}" for i in range(rank)])
    weights = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in arrays.items()]
    graph = helper.make_graph(nodes, "tiny", [given], [made], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def bars(width: int, height: int, *drawn: tuple[int, int, int, int, int]) -> Picture:
    """A white picture with bars: x0, y0, x1, y1 (outside), shade."""
    picture = np.full((height, width), 255, np.uint8)
    for x0, y0, x1, y1, shade in drawn:
        picture[y0:y1, x0:x1] = shade
    return picture


def latin_models(folder: Path) -> OcrSettings:
    """PP-OCRv6 small, which reads Latin letters, in `folder`; skips where it cannot be fetched."""
    wheel = _fetched() / "rapidocr"
    found = {path.name: path for path in wheel.rglob("*.onnx")}
    detection, recognition = found["PP-OCRv6_det_small.onnx"], found["PP-OCRv6_rec_small.onnx"]
    characters = onnxruntime.InferenceSession(str(recognition)).get_modelmeta().custom_metadata_map["character"]
    write_model(folder / "det", detection_description(LATIN_DETECTION), detection.read_bytes())
    description = recognition_description(LATIN_RECOGNITION, "")
    description["PostProcess"]["character_dict"] = [*characters.splitlines(), " "]
    write_model(folder / "rec", description, recognition.read_bytes())
    return settings_of(folder, LATIN_DETECTION, LATIN_RECOGNITION, language="en")


def _fetched() -> Path:
    """The unpacked wheel, in a cache of its own: in our environment it would replace the pinned OpenCV."""
    folder = CACHE / RAPIDOCR
    if folder.is_dir():
        return folder
    uv = shutil.which("uv") or shutil.which(str(OUR_UV))
    if not uv:
        pytest.skip("no uv to fetch the models with")
    CACHE.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        new = Path(scratch) / "wheel"
        command = [uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(new), RAPIDOCR]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"{RAPIDOCR}, which carries the models, cannot be fetched: {done.stderr.strip()[-200:]}")
        new.rename(folder)
    return folder
