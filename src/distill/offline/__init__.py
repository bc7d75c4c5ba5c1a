"""The offline default: its synthetic interactions and messages, and their hidden truth."""
