"""Progress is shown where somebody looks: at a terminal, in a notebook, and nowhere else."""

import io
import sys
import types

import pytest

from covolt.progress import showing


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_nothing_is_written_where_nobody_looks(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with showing("drives") as told:
        told(1, 2)
    assert stream.getvalue() == ""


def test_a_terminal_has_one_line_that_goes_when_it_is_done(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with showing("drives") as told:
        told(0, 4)
        for _ in range(100):
            told(1, 4)
        told(4, 4)
    lines = stream.getvalue().split("\r")
    assert "4 of 4" in lines[-2]
    assert len(lines) < 10, "a hundred signs of life in a moment are one"
    assert lines[-1] == "\x1b[K"
    assert "\n" not in stream.getvalue()


def test_the_line_goes_also_when_something_fails(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(ZeroDivisionError), showing("drives") as told:
        told(1 // 0, 4)
    assert stream.getvalue().endswith("\r\x1b[K")


def test_what_is_given_is_called_and_nothing_else(monkeypatch):
    stream, found = Terminal(), []
    monkeypatch.setattr(sys, "stderr", stream)
    with showing("drives", lambda done, total: found.append((done, total))) as told:
        told(1, 2)
    assert (found, stream.getvalue()) == ([(1, 2)], "")


@pytest.mark.parametrize("kernel", [True, False])
def test_a_notebook_shows_a_bar_and_a_shell_none(monkeypatch, kernel):
    """As IPython has it: `get_ipython()` in a process that runs it, whose shell has a kernel in a notebook alone."""
    shown: list[str] = []

    class Handle:
        def update(self, one):
            shown.append(one._repr_html_())

    def display(one, *, display_id):
        assert display_id is True
        shown.append(one._repr_html_())
        return Handle()

    module, inner = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    module.get_ipython = lambda: types.SimpleNamespace(**({"kernel": 1} if kernel else {}))
    inner.display = display
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with showing("<drives>") as told:
        told(2, 2)
    assert len(shown) == (2 if kernel else 0)
    if kernel:
        assert '<progress value="2" max="2">' in shown[-1]
        assert "&lt;drives&gt;" in shown[-1]
