"""The machine: parts as immutable Equinox modules and pure functions, SI throughout. Import a part from its own module."""
