"""What can bind a step of a drive."""

LIMITS = ("none", "drive unit", "battery", "grip", "brakes")
"""By the number that stands in the signal `limit`."""
