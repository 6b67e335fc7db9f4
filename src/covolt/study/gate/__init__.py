"""Gates: what must be shown to pass each stage, who has signed it, and what holds before."""
