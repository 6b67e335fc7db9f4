"""How a command ends, as numbers that a script can act on; those of errors are in the table of `errors`."""

from __future__ import annotations

from covolt.errors import ENDINGS, AssemblyError, Cancelled, CovoltError, DriveFailed, InputError, ending_of

COMPLETED = 0
FAULT = 1
INPUT_WRONG = ENDINGS[InputError].exit_code
DRIVE_NOT_COMPLETED = ENDINGS[DriveFailed].exit_code
NOT_A_VEHICLE = ENDINGS[AssemblyError].exit_code
MODEL_WRONG = ENDINGS[CovoltError].exit_code
REQUIREMENTS_NOT_MET = 6
NOT_WHOLE = 7
INTERRUPTED = ENDINGS[Cancelled].exit_code
OUTPUT_CLOSED = 141
"""As a shell calls what ended because nobody read it any more: 128 and the number of SIGPIPE."""

MEANINGS = {
    COMPLETED: "completed",
    FAULT: "a fault of covolt",
    INPUT_WRONG: "input is wrong (nothing is written)",
    DRIVE_NOT_COMPLETED: "the drive could not be completed (files are written)",
    NOT_A_VEHICLE: "the parts do not make a vehicle",
    MODEL_WRONG: "an energy account does not close",
    REQUIREMENTS_NOT_MET: "a law or a constraint is not met, a gate stays shut, a programme is not as it was trusted, "
    "or what went wrong before is not watched",
    NOT_WHOLE: "something of an SSP is not joined or not applied",
    INTERRUPTED: "interrupted",
    OUTPUT_CLOSED: "whoever read the output went away",
}


def exit_code(error: CovoltError) -> int:
    """The exit code of an error."""
    return ending_of(error).exit_code


def table() -> str:
    """The table as it stands in the help."""
    return "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + "."
