"""Peak of this processor's fused multiply-add, measured, and what a batch needs of it.

Run as a program, it prints the peak of one core and the share of it that `BatchRunner` reaches.
"""

from __future__ import annotations

import ctypes
import time

import llvmlite.binding as llvm

from covolt.simulation.core import pack
from covolt.simulation.mission import Mission
from covolt.simulation.native.batch import traced_drive
from covolt.simulation.native.emit import lane_count, target_machine
from covolt.simulation.run import profile_of
from covolt.vehicle.assembly import Vehicle

ACCUMULATORS = 12
TURNS = 2_000_000
NOT_COUNTED = {"gt", "lt", "ge", "le", "eq", "ne", "and", "or", "not", "select", "read", "real", "whole"}
"""Comparisons, choices and look-ups are work too, but no floating-point operations."""


def operations_per_step(vehicle: Vehicle, mission: Mission) -> int:
    """Floating-point operations that a step of the batch repeats; an exponential or a logarithm counts as one."""
    _, tables, structure = pack(vehicle)
    columns, _ = profile_of(mission)
    shapes = tuple(table.shape for table in tables)
    counts = traced_drive(structure, shapes, columns, mission.miss_policy).program.repeated()
    return sum(count for name, count in counts.items() if name not in NOT_COUNTED)


def kernel_text(real: str, lanes: int) -> str:
    """A loop of independent multiply-adds, as many as hide each other's waiting."""
    vector, suffix = f"<{lanes} x {real}>", "f64" if real == "double" else "f32"
    function = f"@llvm.fma.v{lanes}{suffix}"
    half, one = (f"splat ({real} {number})" for number in ("0.5", "1.0"))
    lines = [
        f"declare {vector} {function}({vector}, {vector}, {vector})",
        "define void @peak(i64 %turns, ptr %out) {",
        "entry:",
        "  br label %turn",
        "turn:",
        "  %i = phi i64 [0, %entry], [%next, %turn]",
    ]
    numbers = range(ACCUMULATORS)
    lines += [f"  %a{n} = phi {vector} [splat ({real} {n}.0), %entry], [%b{n}, %turn]" for n in numbers]
    lines += [f"  %b{n} = call {vector} {function}({vector} %a{n}, {vector} {half}, {vector} {one})" for n in numbers]
    lines += [
        "  %next = add i64 %i, 1",
        "  %more = icmp slt i64 %next, %turns",
        "  br i1 %more, label %turn, label %end",
    ]
    lines.append("end:")
    size = lanes * (8 if real == "double" else 4)
    for n in numbers:
        lines.append(f"  %p{n} = getelementptr i8, ptr %out, i64 {n * size}")
        lines.append(f"  store {vector} %b{n}, ptr %p{n}, align 4")
    return "\n".join([*lines, "  ret void", "}", ""])


def peak_operations_per_second(real: str = "double") -> float:
    """Floating-point operations per second of one core, a multiply-add counted as two."""
    machine = target_machine()
    lanes = lane_count(real) // 2
    module = llvm.parse_assembly(kernel_text(real, lanes))
    jit = llvm.create_lljit_compiler(machine)
    library = (
        llvm.JITLibraryBuilder().add_object_img(machine.emit_object(module)).export_symbol("peak").link(jit, "peak")
    )
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(library["peak"])
    out = ctypes.create_string_buffer(ACCUMULATORS * 64)
    best_s = float("inf")
    for _ in range(10):
        begin = time.process_time()
        call(TURNS, out)
        best_s = min(best_s, time.process_time() - begin)
    return 2.0 * ACCUMULATORS * lanes * TURNS / best_s


if __name__ == "__main__":
    for real in ("double", "float"):
        print(f"{real}: {peak_operations_per_second(real) / 1e9:.1f} GFLOP/s on one core")
