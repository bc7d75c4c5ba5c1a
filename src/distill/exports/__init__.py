"""Models in the forms that servers load, and the check that they answer as the run does."""
