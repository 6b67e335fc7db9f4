"""Covolt: engineers of several organisations create one electric vehicle together."""
