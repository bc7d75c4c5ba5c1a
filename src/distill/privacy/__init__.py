"""Personal data: found by a table of patterns, replaced by artificial values, looked for again."""
