"""The pages of the app that people mark errors and edits in, and look at results."""
