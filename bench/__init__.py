"""Measurements: `python -m bench` times the parts, `python -m bench.end_to_end` counts that nothing is lost."""
