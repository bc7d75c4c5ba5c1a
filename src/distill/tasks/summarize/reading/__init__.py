"""Rule-based parsers of a text: sentences, words, identifiers, moods, roles, language."""
