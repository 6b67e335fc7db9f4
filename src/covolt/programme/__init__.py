"""Who is in it: parties, slots, contracts, requirements, gates and the lock, as files. Imports no numerics."""
