"""The drive: missions, the one step, its runners, the trace and the ledger. Import each from its own module."""
