"""A part that offers its functions: an FMU of `linear_fmu`, called through ctypes."""

import ctypes
import itertools
import zipfile
from ctypes import c_double, c_int, c_size_t, c_void_p

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.component import Capabilities, Description, Variable
from covolt.exchange.master.offered import Functions

NUMBERS = itertools.count()


class NativePart:
    """Set, step, get; `offers` says whether it lets others do so without Python."""

    def __init__(self, fmu, inputs, outputs, *, offers, tells=False):
        # A library that was replaced while it is loaded would end the process.
        folder = fmu.parent / f"{fmu.stem}-{next(NUMBERS)}"
        with zipfile.ZipFile(fmu) as archive:
            archive.extractall(folder)
        self.library = ctypes.CDLL(str(folder / "binaries" / "linux64" / f"{fmu.stem}.so"))
        self.offers, self.tells, self.reached_s = offers, tells, 0.0
        variables = [Variable(f"u{j}", "input", start=0.0) for j in range(inputs)]
        variables += [Variable(f"y{i}", "output") for i in range(outputs)]
        depends = {f"y{i}": () for i in range(outputs)}
        self.description = Description(fmu.stem, "FMI 2.0", "0" * 64, tuple(variables), Capabilities(), depends)
        self.library.fmi2Instantiate.restype = c_void_p
        self.library.fmi2DoStep.argtypes = [c_void_p, c_double, c_double, c_int]
        for name in ("fmi2SetReal", "fmi2GetReal"):
            getattr(self.library, name).argtypes = [c_void_p, c_void_p, c_size_t, c_void_p]
        self.handle = None

    def wire(self, inputs, outputs):
        self.given = np.array([int(one[1:]) for one in inputs], dtype=np.uint32)
        self.taken = np.array([100 + int(one[1:]) for one in outputs], dtype=np.uint32)

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        self.handle = self.library.fmi2Instantiate(None, 1, None, None, None, 0, 0)
        self._set(inputs)
        return self._get()

    def _set(self, inputs):
        self.library.fmi2SetReal(
            self.handle, self.given.ctypes.data, len(self.given), np.ascontiguousarray(inputs).ctypes.data
        )

    def _get(self):
        outputs = np.empty(len(self.taken))
        self.library.fmi2GetReal(self.handle, self.taken.ctypes.data, len(self.taken), outputs.ctypes.data)
        return outputs

    def step(self, time_s, step_s, inputs):
        self._set(inputs)
        status = self.library.fmi2DoStep(self.handle, time_s, step_s, 1)
        if status > 1:
            raise self.refused("step", status, time_s)
        return self._get()

    def functions(self):
        if not self.offers:
            return None
        address = {
            name: ctypes.cast(getattr(self.library, name), c_void_p).value
            for name in ("fmi2SetReal", "fmi2GetReal", "fmi2DoStep")
        }
        return Functions(
            self.handle, address["fmi2SetReal"], self.given.ctypes.data, address["fmi2GetReal"], self.taken.ctypes.data,
            address["fmi2DoStep"], self.tells,
        )  # fmt: skip

    def refused(self, call, status, time_s):
        return ComponentFailed(Problem(f"{call} gave {status}", "", ""))

    def caught_up(self, time_s):
        self.reached_s = time_s

    def close(self):
        pass
