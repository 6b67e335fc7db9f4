"""Answers of NegMAS to outcome spaces, run apart from covolt: reads spaces as JSON from standard input, writes its answers."""

import json
import sys

from negmas import MappingUtilityFunction, make_issue
from negmas.preferences import kalai_points, ks_points, nash_points, pareto_frontier


def answers(space):
    issues = [make_issue(len(space), "vehicle")]
    parties = range(len(space[0]))
    own = [
        MappingUtilityFunction({(row,): one[party] for row, one in enumerate(space)}, issues=issues, reserved_value=0.0)
        for party in parties
    ]
    best = [max(one[party] for one in space if min(one) >= 0.0) for party in parties]
    shares = [
        MappingUtilityFunction(
            {(row,): one[party] / best[party] for row, one in enumerate(space)}, issues=issues, reserved_value=0.0
        )
        for party in parties
    ]
    outcomes = [(row,) for row in range(len(space))]
    frontier, rows = pareto_frontier(own, outcomes=outcomes)
    parts, part_rows = pareto_frontier(shares, outcomes=outcomes)
    ranges, whole = [(0.0, one) for one in best], [(0.0, 1.0) for _ in best]
    return {
        "frontier": [int(row) for row in rows],
        "nash": [int(rows[index]) for _, index in nash_points(own, frontier, ranges=ranges)],
        "egalitarian": [int(rows[index]) for _, index in kalai_points(own, frontier, ranges=ranges)],
        "least-share": [int(part_rows[index]) for _, index in kalai_points(shares, parts, ranges=whole)],
        "even-shares": [int(rows[index]) for _, index in ks_points(own, frontier, ranges=ranges)],
    }


json.dump([answers(space) for space in json.load(sys.stdin)], sys.stdout)
