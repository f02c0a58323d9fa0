//! ONNX Runtime: the only place that names `ort`.
