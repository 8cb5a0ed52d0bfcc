"""Networks from other tools, and to them: QONNX, as Brevitas and FINN write it."""
