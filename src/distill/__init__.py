"""What the stages share: records, params, channels, privacy, taxonomy, prompts, checks, models."""
