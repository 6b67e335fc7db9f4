"""Data with source and licence, and whole cars built from public figures. Import each from its own module."""
