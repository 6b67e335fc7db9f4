"""FASTSim 3.1, timed in its own environment: prints one JSON object. Run by `bench.py`, never imported by it."""

from __future__ import annotations

import json
import sys
import time

VEHICLE = "2020 Chevrolet Bolt EV thrml.yaml"
"""FASTSim's full vehicle with cabin and battery temperatures, the nearest to covolt's default."""


def main() -> None:
    """Time single runs of the full vehicle over UDDS, without and with every step saved."""
    begin = time.perf_counter()
    import fastsim

    imported_s = time.perf_counter() - begin
    cycle = fastsim.Cycle.from_resource("udds.csv")
    times: dict[str, float] = {"import_s": imported_s}
    for name, interval in (("run_s", None), ("traced_run_s", 1)):
        vehicle = fastsim.Vehicle.from_resource(VEHICLE)
        vehicle.set_save_interval(interval)
        processor, wall = [], []
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 15):
            drive = fastsim.SimDrive(vehicle, cycle)
            wall_begin, processor_begin = time.perf_counter(), time.thread_time()
            drive.run()
            processor.append(time.thread_time() - processor_begin)
            wall.append(time.perf_counter() - wall_begin)
        times[name] = min(wall)
        times[f"{name}_processor"] = min(processor)
    print(json.dumps(times))


if __name__ == "__main__":
    main()
