"""Deterministic stand-ins for the models that summarize, edit and judge."""
