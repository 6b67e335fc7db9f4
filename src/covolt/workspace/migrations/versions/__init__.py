"""The forms that the tables have had, one after another."""
