"""Figures that the documents state, measured on this machine: `python -m benchmarks.<area> [--json]`."""
