"""The offline default: its synthetic corpus, its hidden truth and its base model."""
