"""Sensitivity: what a result hangs on in a design space, and how surely a vehicle meets what is asked of it."""
