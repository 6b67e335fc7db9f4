"""A life: how a vehicle ages, in which air, and what driving it costs."""
