"""A committee of teachers that explain a student's mistakes and review each other (FAIR).

settings      the sections of params.yaml
questions     the requests: a critique of the attempt, a rationale, a review
texts         the teachers' texts joined with their scores
acceptance    which texts enter a dataset version, and why others do not
reliability   how well each reviewer tells right rationales from wrong ones
versions      training rows and preference pairs from the accepted texts
"""
