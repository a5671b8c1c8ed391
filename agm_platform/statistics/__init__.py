"""Intervals and tests: a sample size and an interval beside every estimate."""
