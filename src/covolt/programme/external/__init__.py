"""Keys that covolt never makes nor holds: certificates (X.509), GOST R 34.10-2012, STB 34.101.45; only verified."""

from covolt.programme.external.algorithms import (
    ALGORITHMS,
    NEEDS,
    Algorithm,
    days_of,
    fingerprint_of,
    heard,
    parameter_sets,
    public_fault,
)

__all__ = [
    "ALGORITHMS",
    "NEEDS",
    "Algorithm",
    "days_of",
    "fingerprint_of",
    "heard",
    "parameter_sets",
    "public_fault",
]
