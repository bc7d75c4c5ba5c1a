"""One OpenAI-compatible endpoint: client, concurrency control, egress gate, batch API."""
