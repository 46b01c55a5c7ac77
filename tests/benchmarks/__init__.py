"""Benchmarks: whole processes, paired in one run, with an A/A pair that tells the noise. Not tests."""
