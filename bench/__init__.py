"""Proofs at full size, and benchmarks beside what else the product could have been built on.

Every figure of ``python -m bench`` is a median of several runs, beside its peer's in the same runs.
"""
