"""Tasks: how a model is asked, how its answer is parsed and scored, and the rules that play it."""
