"""Masthead's tests.

A package of its own, lest a stray `tests` of a dependency (sniffpy has one) take its name.
"""
