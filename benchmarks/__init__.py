"""Measured comparisons; each writes its report in the one form of `benchmarks.form`."""
