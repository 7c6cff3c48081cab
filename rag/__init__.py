"""Footnote: ask your reports; every sentence of the answer carries a footnote you can check."""
