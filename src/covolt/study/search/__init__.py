"""Search: the best vehicles of a design space by several measures at once, or the best by one under demands."""

from covolt.study.search.pareto import Front, pareto
from covolt.study.search.problem import Found, Moving, Objective, SearchProblem
from covolt.study.search.sizing import Sized, sized

__all__ = ["Found", "Front", "Moving", "Objective", "SearchProblem", "Sized", "pareto", "sized"]
