"""Shared by the other packages: networks, loss networks, checkpoints, ONNX graphs, the manifest, reading pictures."""
