"""One endpoint that speaks OpenAI's protocol: client, pace, cache gate, batches."""
