"""Measurements of Footnote: run ``python -m evals``."""
