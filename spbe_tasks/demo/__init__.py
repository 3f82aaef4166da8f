"""Demonstration data: an invented Ketapang to look at, and governments in bulk to measure with."""
