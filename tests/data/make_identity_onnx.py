"""Writes identity.onnx: the smallest model with the ports of ours, for the tests of src/runtime.

pastiche = content (u8, any height and width); double = 2 * style_params (f32, length 4).
Run from this folder: python3 make_identity_onnx.py   (needs the package `onnx`)
"""

import onnx
from onnx import TensorProto, helper

picture = [1, "height", "width", 3]
graph = helper.make_graph(
    name="identity",
    nodes=[
        helper.make_node("Identity", ["content"], ["pastiche"]),
        helper.make_node("Add", ["style_params", "style_params"], ["double"]),
    ],
    inputs=[
        helper.make_tensor_value_info("content", TensorProto.UINT8, picture),
        helper.make_tensor_value_info("style_params", TensorProto.FLOAT, [1, 4]),
    ],
    outputs=[
        helper.make_tensor_value_info("pastiche", TensorProto.UINT8, picture),
        helper.make_tensor_value_info("double", TensorProto.FLOAT, [1, 4]),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "identity.onnx")
