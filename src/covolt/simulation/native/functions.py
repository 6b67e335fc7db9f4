"""Vector functions in LLVM's intermediate code: arithmetic that keeps not-a-number, exponential and logarithm.

    exp x = 2^k e^r,  k = round(x / ln 2),  r = x - k ln 2 in two parts,  e^r = 1 + r + r^2/2 + r^3 g(r)
    log x = k ln 2 + log(1 + f),  1 + f in [1/sqrt 2, sqrt 2),  log(1 + f) = f - (f^2/2 - s (f^2/2 + R)),  s = f / (2 + f)

with R = 2 (s^2/3 + s^4/5 + ...). Both are good to 2 units in the last place. Below the smallest normal number, exp gives 0.
"""

from __future__ import annotations

import functools
import math
import struct
from fractions import Fraction

import numpy as np

from covolt.simulation.native.program import Kind

FAST = "contract nsz"
"""Freedoms of the compiler: fused multiply-add and unsigned zeros, but nothing that would lose a not-a-number."""


class Format:
    """What the functions need to know of a floating-point format."""

    def __init__(self, real: str) -> None:
        double = real == "double"
        self.whole = "i64" if double else "i32"
        self.suffix = "f64" if double else "f32"
        self.mantissa_bits = 52 if double else 23
        self.round_magic = 1.5 * 2.0**self.mantissa_bits
        self.exponent_bias = 1023 if double else 127
        self.highest = math.log(np.finfo(np.float64).max) if double else 88.72283
        self.lowest = -708.0 if double else -87.0
        self.smallest_normal = 2.0 ** (1 - self.exponent_bias)
        # The high part of ln 2 has so few bits that its product with any exponent is exact.
        self.ln2_high = math.floor(math.log(2.0) * 2.0 ** (32 if double else 12)) / 2.0 ** (32 if double else 12)
        self.ln2_low = float(_LN2 - Fraction(self.ln2_high))
        self.exponential = _exponential_rest(8 if double else 3)
        self.logarithm = [2.0 / (2 * n + 3) for n in range(9 if double else 4)]


_LN2 = sum((Fraction(1, n * 2**n) for n in range(1, 90)), Fraction(0))


@functools.cache
def _exponential_rest(degree: int) -> list[float]:
    """Polynomial g of exp(r) = 1 + r + r^2/2 + r^3 g(r) for |r| <= ln 2 / 2, interpolated at Chebyshev points."""
    half = 0.5 * math.log(2.0)
    points = np.polynomial.chebyshev.chebpts1(degree + 1)
    values = [sum((half * t) ** n / math.factorial(n + 3) for n in range(16)) for t in points.tolist()]
    scaled = np.polynomial.Polynomial.fit(points, values, degree, domain=[-1.0, 1.0]).coef
    return [float(c) / half**n for n, c in enumerate(scaled)]


class FunctionWriter:
    """Writes lines of intermediate code on vectors of one format and width."""

    def __init__(self, real: str, lanes: int) -> None:
        self.real, self.lanes = real, lanes
        self.guessing = False
        self.format = Format(real)
        self.vector = f"<{lanes} x {real}>"
        self.wholes = f"<{lanes} x {self.format.whole}>"
        self.truths = f"<{lanes} x i1>"
        self.lines: list[str] = []
        self._declared: dict[str, None] = {}
        self._count = 0

    def line(self, text: str) -> None:
        """One instruction without a result of ours."""
        self.lines.append(f"  {text}")

    def new(self, text: str) -> str:
        """One instruction; the name of its result."""
        self._count += 1
        self.line(f"%v{self._count} = {text}")
        return f"%v{self._count}"

    def declarations(self) -> list[str]:
        """Declarations of the intrinsics that were called."""
        return list(self._declared)

    def splat(self, value: float, kind: Kind = "real") -> str:
        """A constant in all lanes."""
        if kind == "truth":
            return f"splat (i1 {'true' if value else 'false'})"
        if kind in ("whole", "natural"):
            return f"splat (i32 {int(np.int64(value).astype(np.int32))})"
        held = float(np.float32(value)) if self.real == "float" else float(value)
        return f"splat ({self.real} 0x{struct.pack('>d', held).hex().upper()})"

    def bits(self, number: int) -> str:
        """A constant bit pattern in all lanes."""
        return f"splat ({self.format.whole} {number})"

    def spread(self, scalar: str) -> str:
        """A scalar in all lanes."""
        one = self.new(f"insertelement {self.vector} poison, {self.real} {scalar}, i32 0")
        return self.new(
            f"shufflevector {self.vector} {one}, {self.vector} poison, <{self.lanes} x i32> zeroinitializer"
        )

    def arithmetic(self, name: str, a: str, b: str) -> str:
        """One of fadd, fsub, fmul, fdiv."""
        return self.new(f"{name} {FAST} {self.vector} {a}, {b}")

    def fused(self, a: str, b: str, c: str) -> str:
        """a b + c."""
        return self.arithmetic("fadd", self.arithmetic("fmul", a, b), c)

    def call(self, name: str, x: str) -> str:
        """An intrinsic of one argument."""
        full = f"@llvm.{name}.v{self.lanes}{self.format.suffix}"
        self._declared[f"declare {self.vector} {full}({self.vector})"] = None
        return self.new(f"call {FAST} {self.vector} {full}({self.vector} {x})")

    def select(self, truth: str, a: str, b: str) -> str:
        """a where true, else b."""
        if self.guessing:
            return self._branch(truth, a, b)
        return self.new(f"select {self.truths} {truth}, {self.vector} {a}, {self.vector} {b}")

    def _branch(self, truth: str, a: str, b: str) -> str:
        """The same choice as a jump: the processor guesses it and goes on with what is there, without waiting for the other."""
        one = self.new(f"extractelement {self.truths} {truth}, i32 0")
        self._count += 1
        yes, no, both = (f"{name}{self._count}" for name in ("yes", "no", "both"))
        self.line(f"br i1 {one}, label %{yes}, label %{no}")
        for label in (yes, no):
            self.lines.append(f"{label}:")
            self.line(f"br label %{both}")
        self.lines.append(f"{both}:")
        return self.new(f"phi {self.vector} [{a}, %{yes}], [{b}, %{no}]")

    def compare(self, relation: str, a: str, b: str) -> str:
        """A comparison of two vectors of numbers by a relation of `fcmp`, such as `olt`."""
        return self.new(f"fcmp {relation} {self.vector} {a}, {b}")

    def extreme(self, name: str, a: str, b: str, a_may_fail: bool, b_may_fail: bool) -> str:
        """The larger or smaller of two; what may be not a number stands last, for the comparison then falls to it."""
        if not b_may_fail:
            a, b = b, a
        chosen = self.select(self.compare("olt" if name == "min" else "ogt", a, b), a, b)
        if a_may_fail and b_may_fail:
            return self.select(self.compare("uno", a, a), a, chosen)
        return chosen

    def gather(self, places: str) -> str:
        """Numbers at one address a lane."""
        full = f"@llvm.masked.gather.v{self.lanes}{self.format.suffix}.v{self.lanes}p0"
        pointers = f"<{self.lanes} x ptr>"
        self._declared[f"declare {self.vector} {full}({pointers}, i32, {self.truths}, {self.vector})"] = None
        size = 8 if self.real == "double" else 4
        return self.new(
            f"call {self.vector} {full}({pointers} {places}, i32 {size}, {self.truths} splat (i1 true), {self.vector} poison)"
        )

    def written(self, name: str, x: list[str]) -> str:
        """A function that is written out here.

        Raises:
            NotImplementedError: for one that is not.
        """
        if name == "neg":
            return self.new(f"fneg {self.vector} {x[0]}")
        if name == "exp":
            return self.exponential(x[0])
        if name == "log":
            return self.logarithm(x[0])
        if name == "sign":
            return self._sign(x[0])
        raise NotImplementedError(f"function {name}")

    def _sign(self, x: str) -> str:
        zero = self.splat(0.0)
        signed = self.select(self.compare("ogt", x, zero), self.splat(1.0), x)
        return self.select(self.compare("olt", x, zero), self.splat(-1.0), signed)

    def _polynomial(self, x: str, coefficients: list[float]) -> str:
        """Sum of c_i x^i by halves, so that few operations wait for each other."""
        parts = [self.splat(c) for c in coefficients]
        power = x
        while len(parts) > 1:
            paired = [self.fused(parts[i + 1], power, parts[i]) for i in range(0, len(parts) - 1, 2)]
            parts = paired + parts[len(paired) * 2 :]
            if len(parts) > 1:
                power = self.arithmetic("fmul", power, power)
        return parts[0]

    def exponential(self, x: str) -> str:
        """e^x of a vector of numbers."""
        f = self.format
        low, high = self.splat(f.lowest), self.splat(f.highest)
        held = self.extreme("min", high, self.extreme("max", low, x, False, True), False, True)
        magic = self.splat(f.round_magic)
        rounded = self.fused(held, self.splat(1.0 / math.log(2.0)), magic)
        k = self.arithmetic("fsub", rounded, magic)
        r = self.fused(k, self.splat(-f.ln2_high), held)
        r = self.fused(k, self.splat(-f.ln2_low), r)
        square = self.arithmetic("fmul", r, r)
        rest = self._polynomial(r, f.exponential)
        start = self.fused(square, self.splat(0.5), r)
        small = self.fused(self.arithmetic("fmul", square, r), rest, start)
        power = self.arithmetic("fadd", small, self.splat(1.0))
        shift = self.new(f"bitcast {self.vector} {rounded} to {self.wholes}")
        shift = self.new(f"shl {self.wholes} {shift}, {self.bits(f.mantissa_bits)}")
        pattern = self.new(f"bitcast {self.vector} {power} to {self.wholes}")
        pattern = self.new(f"add {self.wholes} {pattern}, {shift}")
        scaled = self.new(f"bitcast {self.wholes} {pattern} to {self.vector}")
        # What is above the highest becomes infinite, and what is no number stays none: its bits were shifted too.
        beyond = self.arithmetic("fmul", x, self.splat(math.inf))
        bounded = self.select(self.compare("ugt", x, high), beyond, scaled)
        return self.select(self.compare("olt", x, low), self.splat(0.0), bounded)

    def logarithm(self, x: str) -> str:
        """Natural logarithm: of 0 minus infinity, of less not a number."""
        f = self.format
        tiny = self.compare("olt", x, self.splat(f.smallest_normal))
        scale = 2.0 ** (f.mantissa_bits + 2)
        grown = self.select(tiny, self.arithmetic("fmul", x, self.splat(scale)), x)
        bits = self.new(f"bitcast {self.vector} {grown} to {self.wholes}")
        root = _pattern(math.sqrt(0.5), self.real)
        above = self.new(f"sub {self.wholes} {bits}, {self.bits(root)}")
        exponent = self.new(f"ashr {self.wholes} {above}, {self.bits(f.mantissa_bits)}")
        raised = self.new(f"shl {self.wholes} {exponent}, {self.bits(f.mantissa_bits)}")
        mantissa = self.new(f"sub {self.wholes} {bits}, {raised}")
        mantissa = self.new(f"bitcast {self.wholes} {mantissa} to {self.vector}")
        k = self.new(f"sitofp {self.wholes} {exponent} to {self.vector}")
        lowered = self.arithmetic("fsub", k, self.splat(f.mantissa_bits + 2))
        k = self.select(tiny, lowered, k)
        value = self._near_one(self.arithmetic("fsub", mantissa, self.splat(1.0)), k)
        value = self.select(self.compare("olt", x, self.splat(math.inf)), value, x)
        value = self.select(self.compare("oeq", x, self.splat(0.0)), self.splat(-math.inf), value)
        return self.select(self.compare("olt", x, self.splat(0.0)), self.splat(math.nan), value)

    def _near_one(self, f: str, k: str) -> str:
        """log(1 + f) + k ln 2."""
        s = self.arithmetic("fdiv", f, self.arithmetic("fadd", f, self.splat(2.0)))
        z = self.arithmetic("fmul", s, s)
        rest = self.arithmetic("fmul", z, self._polynomial(z, self.format.logarithm))
        half = self.arithmetic("fmul", self.arithmetic("fmul", f, f), self.splat(0.5))
        inner = self.fused(
            s, self.arithmetic("fadd", half, rest), self.arithmetic("fmul", k, self.splat(self.format.ln2_low))
        )
        near = self.arithmetic("fsub", f, self.arithmetic("fsub", half, inner))
        return self.fused(k, self.splat(self.format.ln2_high), near)


def _pattern(value: float, real: str) -> int:
    if real == "double":
        return int.from_bytes(struct.pack(">d", value), "big")
    return int.from_bytes(struct.pack(">f", value), "big")
