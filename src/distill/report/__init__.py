"""What every method reports: ratings, costs, row accounting, redaction, plots, the page."""
