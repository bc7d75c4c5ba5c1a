"""The small base model of the offline default: its exercises and its initialization."""
