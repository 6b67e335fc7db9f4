"""Spaces of linear margins over a box, whose conflicts and least relaxations are known in closed form."""

from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from covolt.study.conflicts import Asked, Axis, Designs

CLEAR = 0.02
"""By which bounds may move without another conflict: nearer than that no sample is asked to tell."""


class LinearSpace:
    """Margins = values @ slopes - bounds over the box from -1 to 1; every bound is above 0."""

    def __init__(self, slopes, bounds):
        self.slopes, self.bounds = slopes, bounds
        self.axes = [Axis(-1.0, 1.0)] * len(slopes)
        self.names = [f"R{at}" for at in range(len(bounds))]

    def evaluate(self, values):
        return values @ self.slopes - self.bounds

    def sampled(self, count, random, may_move=None):
        values = random.uniform(-1.0, 1.0, (count, len(self.axes)))
        may_move = may_move or [True] * len(self.bounds)
        asked = tuple(Asked(*one) for one in zip(self.names, map(float, self.bounds), may_move, strict=True))
        return Designs(values, asked, self.evaluate(values))

    def conflicts(self, moved=0.0):
        """By every subset: a set can be met where a vertex of the arrangement of bounds and box meets it."""
        size, count = self.slopes.shape
        normals = np.vstack([self.slopes.T, np.eye(size), -np.eye(size)])
        ends = np.concatenate([self.bounds + moved, -np.ones(2 * size)])
        chosen = np.array(list(combinations(range(len(ends)), size)))
        regular = np.abs(np.linalg.det(normals[chosen])) > 1e-9
        vertices = np.linalg.solve(normals[chosen[regular]], ends[chosen[regular]][..., None])[..., 0]
        margins = vertices @ normals.T - ends
        inside = (margins[:, count:] >= -1e-9).all(axis=1)
        met = margins[inside, :count] >= -1e-9
        return by_every_subset(met, self.names)

    def least_move(self, name, others):
        """By linear programming: how far the bound of one must move while others are met; none where they cannot be."""
        at, rest = self.names.index(name), [self.names.index(one) for one in others]
        box = [(-1.0, 1.0)] * len(self.axes)
        found = linprog(-self.slopes[:, at], A_ub=-self.slopes[:, rest].T, b_ub=-self.bounds[rest], bounds=box)
        return self.bounds[at] + found.fun if found.status == 0 else None

    def least_sum(self, names):
        """By linear programming: the least sum of moves, each as a share of its bound, by which these are met together."""
        at = [self.names.index(one) for one in names]
        axes, count = len(self.axes), len(at)
        kept = np.hstack([-self.slopes[:, at].T, -np.diag(self.bounds[at])])
        costs = np.concatenate([np.zeros(axes), np.ones(count)])
        box = [(-1.0, 1.0)] * axes + [(0.0, None)] * count
        return float(linprog(costs, A_ub=kept, b_ub=-self.bounds[at], bounds=box).fun)


def by_every_subset(met, names):
    """Minimal sets that no row meets together, by looking at every subset."""
    found = []
    for size in range(len(names) + 1):
        for one in combinations(range(len(names)), size):
            if not met[:, one].all(axis=1).any() and not any(set(each) <= set(one) for each in found):
                found.append(one)
    return sorted((tuple(sorted(names[at] for at in one)) for one in found), key=lambda one: (len(one), one))


def planted(random):
    """A space with one or two planted conflicts and a few further requirements, none of them a close call."""
    while True:
        size = int(random.integers(1, 4))
        slopes = [random.normal(size=(size, int(random.integers(0, 3))))]
        for _ in range(int(random.integers(1, 3))):
            some = random.normal(size=(size, int(random.integers(1, size + 1))))
            # Slopes that add up to nothing with weights above 0, and bounds above 0: no values meet them all.
            slopes.append(np.column_stack([some, -some @ random.uniform(0.3, 1.0, some.shape[1])]))
        whole = np.hstack(slopes)
        whole /= np.linalg.norm(whole, axis=0)
        space = LinearSpace(whole, random.uniform(0.1, 0.5, whole.shape[1]))
        truth = space.conflicts()
        if truth and truth == space.conflicts(CLEAR) == space.conflicts(-CLEAR):
            return space, truth
