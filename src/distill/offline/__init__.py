"""The made-up world of the offline default: its corpus, its truth, its base model."""
