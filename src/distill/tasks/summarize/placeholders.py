"""Folders of the prompts about summaries, and the placeholders that a prompt must have."""

SUMMARIZE = ("text",)  # of the prompts in prompts/summarize
COMPARE = ("codes", "text", "summary")  # of the annotator's and the judge's prompts
FIX = ("summary",)  # of an edit's prompt
JUDGE, DIRECT = "judge", "judge/direct"  # folders of prompts, with a file for each channel
