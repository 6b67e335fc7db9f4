"""Verdicts: a programme held against its requirements, and what moves them."""
