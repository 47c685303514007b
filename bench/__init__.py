"""Proofs and measures at full size, beside the tests."""
