"""Requests to models, their replies, and what stands around an endpoint."""
