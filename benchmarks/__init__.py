"""Measurements behind docs/performance.md: `python -m benchmarks [NAME …]`, or `make bench`."""
