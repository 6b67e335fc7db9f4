"""The questions: what a vehicle does in the procedures that requirements name, and what follows from it."""
