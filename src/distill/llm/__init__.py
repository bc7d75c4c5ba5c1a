"""Requests to models, their replies, and the layers around an endpoint."""
