"""What people say: annotations of summaries, verdicts on edits, and how far they agree."""
