"""Anonymization: personal data is found, replaced by artificial values, and looked for again."""
