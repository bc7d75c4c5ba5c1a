"""Intervals, agreement coefficients and tables."""
