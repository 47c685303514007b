"""The side-by-side benchmarks: the product beside what else one could have built it on.

Every figure is a median of several runs, and stands beside its peer's of the same runs.
"""
