"""EvoKD's report: what each arm's rounds brought.

systems    the versions as systems: arm, round, seed; their answers, counted
effects    F1 by round and budget, and differences with intervals
texts      what was refused, label noise, diversity, and which classes got texts
"""
