"""The ways to reach a subscriber, a module each, found by themselves."""
