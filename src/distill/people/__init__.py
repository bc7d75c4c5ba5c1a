"""Expert annotations of summaries, verdicts on edits, sampling for annotation, and agreement."""
