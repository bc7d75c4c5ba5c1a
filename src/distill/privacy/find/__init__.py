"""Detectors of personal data; detect.py joins them."""
