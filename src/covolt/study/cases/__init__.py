"""Use cases: what people ask of covolt, from any door: texts come in, results or all problems go out; no terminal, no clock."""
