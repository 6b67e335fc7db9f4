"""Integrates the states of a model exchange by CVode, one internal step at a time, and finds where event indicators change sign.

Backward differentiation of variable order and step (Hindmarsh et al., SUNDIALS, ACM TOMS 31, 2005), in FMPy's library.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import byref, c_double, c_int, c_void_p
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from covolt.errors import Problem, Unavailable
from covolt.exchange.fmu.calls import WARNING, AbstractInstance, address
from covolt.words import text

__all__ = ["Solver"]

_BDF, _ONE_STEP, _ROOT = 2, 2, 2
_RECOVERABLE, _FINAL = 1, -1


@final
@dataclass(frozen=True)
class _Functions:
    """The functions of a model exchange that take vectors."""

    set_time: Callable[..., int]
    set_states: Callable[..., int]
    derivatives: Callable[..., int]
    indicators: Callable[..., int]


@final
class Solver:
    """States y of dy/dt = f(t, y), and the signs of g(t, y), shapes (n,) and (z,).

    Where a model has no states but indicators, one state that stands still carries the search for their signs.
    """

    def __init__(
        self, instance: AbstractInstance, state_count: int, indicator_count: int, tolerance_ratio: float
    ) -> None:
        try:
            import fmpy.sundials as library
            from fmpy.sundials.libraries import sundials_cvode as cvode
        except (ImportError, OSError, AttributeError) as error:
            what = text("the solver CVode is not there for this machine")
            hint = text("export the model as a co-simulation, which brings its own solver")
            raise Unavailable(Problem(what, instance.model.name, hint)) from error
        self._library: Any = library
        self._instance: Any = instance
        self._count = state_count
        self._indicators = indicator_count
        self._tolerance_ratio = tolerance_ratio
        self._status = 0
        self.follow: Callable[[float], int] | None = None
        """Sets the inputs as they are at a time, and gives the status; None where they stand still."""
        self._set_stop = cvode.CVodeSetStopTime
        self._set_stop.argtypes, self._set_stop.restype = [c_void_p, c_double], c_int
        size = max(1, state_count)
        context = library.SUNContext()
        library.SUNContext_Create(0, byref(context))
        self._context = context
        self._quiet = library.SUNErrHandlerFn(lambda *_: None)
        library.SUNContext_PushErrHandler(context, self._quiet, None)
        self._y = library.N_VNew_Serial(size, context)
        self._absolute = library.N_VNew_Serial(size, context)
        self.states = np.ctypeslib.as_array(library.NV_DATA_S(self._y), (size,))
        self._tolerances = np.ctypeslib.as_array(library.NV_DATA_S(self._absolute), (size,))
        self._matrix = library.SUNDenseMatrix(size, size, context)
        self._linear = library.SUNLinSol_Dense(self._y, self._matrix, context)
        self._right = library.CVRhsFn(self._derivative)
        self._root = library.CVRootFn(self._indicator)
        self._memory: Any = None
        self._reached = c_double(0.0)
        one = self._instance
        self._calls = _Functions(one.set_time, one.set_states, one.derivatives, one.indicators)

    def begin(self, time_s: float) -> None:
        """Take states and nominal values from the model and begin at a time: at the start, and after every event."""
        one, library = self._instance, self._library
        self.states[:] = 0.0
        self._tolerances[:] = self._tolerance_ratio
        if self._count:
            one.judge(one.states(one.handle, address(self.states), self._count), "get continuous states")
            nominals = np.ones(self._count)
            one.judge(one.nominals(one.handle, address(nominals), self._count), "get nominals of continuous states")
            sensible = np.where(np.isfinite(nominals) & (nominals > 0.0), nominals, 1.0)
            self._tolerances[:] = self._tolerance_ratio * sensible
        if self._memory is None:
            self._memory = library.CVodeCreate(_BDF, self._context)
            self._demand(library.CVodeInit(self._memory, self._right, time_s, self._y))
            self._demand(library.CVodeSVtolerances(self._memory, self._tolerance_ratio, self._absolute))
            if self._indicators:
                self._demand(library.CVodeRootInit(self._memory, self._indicators, self._root))
                self._demand(library.CVodeSetNoInactiveRootWarn(self._memory))
            self._demand(library.CVodeSetLinearSolver(self._memory, self._linear, self._matrix))
        else:
            self._demand(library.CVodeReInit(self._memory, time_s, self._y))
            self._demand(library.CVodeSVtolerances(self._memory, self._tolerance_ratio, self._absolute))

    def advance(self, stop_s: float) -> tuple[float, bool]:
        """One internal step, never beyond `stop_s`: the time reached, and whether an indicator changed its sign there."""
        self._status = 0
        self._demand(self._set_stop(self._memory, stop_s))
        flag = self._library.CVode(self._memory, stop_s, self._y, byref(self._reached), _ONE_STEP)
        one = self._instance
        if self._status > WARNING:
            one.judge(self._status, "derivatives or event indicators")
        if flag < 0:
            raise self._failed(flag)
        reached_s = self._reached.value
        one.time_s = reached_s
        one.judge(self._timed(reached_s), "set time")
        if self._count:
            status = self._calls.set_states(one.handle, address(self.states), self._count)
            one.judge(status, "set continuous states")
        return reached_s, flag == _ROOT

    def _timed(self, time_s: float) -> int:
        """Set the time, and the inputs as they are then."""
        status = int(self._calls.set_time(self._instance.handle, time_s))
        return status if self.follow is None else max(status, self.follow(time_s))

    def close(self) -> None:
        """Let the memory of the solver go."""
        if self._memory is not None:
            self._library.CVodeFree(byref(c_void_p(self._memory)))
            self._memory = None

    def _derivative(self, time_s: Any, states: Any, derivatives: Any, _: Any) -> int:
        one, data = self._instance, self._library.NV_DATA_S
        if not self._count:
            data(derivatives)[0] = 0.0
            return 0
        calls = self._calls
        status = max(
            self._timed(time_s),
            calls.set_states(one.handle, data(states), self._count),
            calls.derivatives(one.handle, data(derivatives), self._count),
        )
        return self._answer(status)

    def _indicator(self, time_s: Any, states: Any, indicators: Any, _: Any) -> int:
        one, calls = self._instance, self._calls
        status = self._timed(time_s)
        if self._count:
            status = max(status, calls.set_states(one.handle, self._library.NV_DATA_S(states), self._count))
        return self._answer(max(status, calls.indicators(one.handle, indicators, self._indicators)))

    def _answer(self, status: int) -> int:
        """Discard lets the solver try a smaller step; what is worse ends it."""
        if status <= WARNING:
            return 0
        self._status = status
        return _RECOVERABLE if status == WARNING + 1 else _FINAL

    def _demand(self, flag: int) -> None:
        if flag < 0:
            raise self._failed(flag)

    def _failed(self, flag: int) -> Exception:
        one = self._instance
        if self._count:
            found = np.zeros(self._count)
            one.derivatives(one.handle, address(found), self._count)
            wrong = np.flatnonzero(~np.isfinite(found))
            if wrong.size:
                reference = one.model.states[wrong[0]] if wrong[0] < len(one.model.states) else -1
                names = [each.name for each in one.model.variables if each.reference == reference]
                what = text("its derivative {name} is no finite number", name=names[0] if names else str(wrong[0]))
                return one.failure("derivatives", what, text("look at its inputs and parameters at this time"))
        what = text("the solver CVode could not go on ({code})", code=str(flag))
        return one.failure(
            "integration", what, text("try a smaller step or another tolerance, or export a co-simulation")
        )
