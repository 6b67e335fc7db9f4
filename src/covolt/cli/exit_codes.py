"""How a command ends, as numbers that a script can act on; the only table of them."""

from __future__ import annotations

from covolt.errors import AssemblyError, ContractError, CovoltError, DriveFailed, InputError

COMPLETED = 0
OUTPUT_CLOSED = 1
INPUT_WRONG = 2
DRIVE_NOT_COMPLETED = 3
NOT_A_VEHICLE = 4
MODEL_WRONG = 5
REQUIREMENTS_NOT_MET = 6
INTERRUPTED = 130

MEANINGS = {
    COMPLETED: "completed",
    OUTPUT_CLOSED: "whoever read the output went away, or a fault of covolt",
    INPUT_WRONG: "input is wrong (nothing is written)",
    DRIVE_NOT_COMPLETED: "the drive could not be completed (files are written)",
    NOT_A_VEHICLE: "the parts do not make a vehicle",
    MODEL_WRONG: "an energy account does not close",
    REQUIREMENTS_NOT_MET: "a law or a constraint is not met, a gate stays shut, or a programme is not as it was trusted",
    INTERRUPTED: "interrupted",
}

_CODES: tuple[tuple[type[CovoltError], int], ...] = (
    (InputError, INPUT_WRONG),
    (DriveFailed, DRIVE_NOT_COMPLETED),
    (ContractError, NOT_A_VEHICLE),
    (AssemblyError, NOT_A_VEHICLE),
)


def exit_code(error: CovoltError) -> int:
    """The exit code of an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), MODEL_WRONG)


def table() -> str:
    """The table as it stands in the help."""
    return "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + "."
