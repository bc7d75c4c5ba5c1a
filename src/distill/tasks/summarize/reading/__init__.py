"""What rules can read in a text: sentences, words, identifiers, moods, roles, its language."""
