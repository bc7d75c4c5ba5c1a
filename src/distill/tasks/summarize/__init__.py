"""Summaries of customer interactions as HTML lists."""
