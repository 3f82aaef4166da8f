"""Measures the product against a floor on the same machine in the same run; never part of the tests."""
