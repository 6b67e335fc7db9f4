"""Files are whole or absent, whatever interrupts the writing."""

from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.files import whole, write_whole


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, stop):
    path = tmp_path / "lock"
    path.write_text("before")
    with pytest.raises(stop), whole(path) as partial:
        partial.write_text("half")
        raise stop
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("lock", "before")]


def test_an_interruption_at_the_last_moment(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "lock", "after")
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "inner", tmp_path / "folder"):
        with pytest.raises(InputError, match="cannot be written") as raised:
            write_whole(path, "text")
        assert raised.value.problems[0].where == str(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]
