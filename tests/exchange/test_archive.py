"""Archives of strangers: what is refused, and that nothing of it is written."""

import io
import stat
import struct
import zipfile

import pytest

from covolt.errors import InputError, NotFound
from covolt.exchange.archive import Bounds, opened_archive


def made(path, parts, method=zipfile.ZIP_DEFLATED):
    """An archive of names and contents, as they are given."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, content)
    return path


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def device(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFCHR | 0o666) << 16
    return info


def test_a_plain_archive_is_read_and_unpacked(tmp_path):
    path = made(tmp_path / "a.fmu", [("modelDescription.xml", b"<a/>"), ("binaries/linux64/m.so", b"x" * 100_000)])
    with opened_archive(path) as archive:
        assert archive.names == ("modelDescription.xml", "binaries/linux64/m.so")
        assert archive.within("binaries") == ("binaries/linux64/m.so",)
        assert archive.read("modelDescription.xml", 100) == b"<a/>"
        with pytest.raises(NotFound, match=r"no model\.xml"):
            archive.read("model.xml", 100)
        with pytest.raises(InputError, match="more than 10"):
            archive.read("binaries/linux64/m.so", 10)
        (tmp_path / "out").mkdir()
        archive.unpack(tmp_path / "out")
    assert (tmp_path / "out/binaries/linux64/m.so").read_bytes() == b"x" * 100_000


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("../evil", b"")], "leads out"),
        ([("/etc/evil", b"")], "leads out"),
        ([("a/../../evil", b"")], "leads out"),
        ([("..\\evil", b"")], "leads out"),
        ([("C:evil", b"")], "leads out"),
        ([("a//b", b"")], "leads out"),
        ([("a/./b", b"")], "leads out"),
        ([("a\x07b", b"")], "control characters"),
        ([("x" * 300, b"")], "longer than a file system takes"),
        ([(link("a"), b"/etc/passwd")], "link or a device"),
        ([(device("a"), b"")], "link or a device"),
        ([("a", b""), ("a/b", b"")], "a file and a folder"),
        ([("caf\u00e9", b""), ("cafe\u0301", b"")], "twice"),
    ],
)
def test_what_is_refused(tmp_path, parts, said):
    path = made(tmp_path / "a.fmu", parts)
    with pytest.raises(InputError, match=said), opened_archive(path):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["a.fmu"]


def test_a_name_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = made(tmp_path / "a.fmu", [("a", b"1"), ("a", b"2")])
    with pytest.raises(InputError, match="twice"), opened_archive(path):
        pass


def test_all_problems_are_told_at_once(tmp_path):
    path = made(tmp_path / "a.fmu", [("../a", b""), ("/b", b""), (link("c"), b"x")])
    with pytest.raises(InputError) as error, opened_archive(path):
        pass
    assert len(error.value.problems) == 3


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path):
    path = made(tmp_path / "a.fmu", [(f"zeros-{number}", bytes(1 << 20)) for number in range(4)])
    with pytest.raises(InputError, match="unpacked"), opened_archive(path, Bounds(total_bytes=3 << 20)):
        pass
    with pytest.raises(InputError, match="more than 1000"), opened_archive(path, Bounds(part_bytes=1000)):
        pass
    with pytest.raises(InputError, match="4 parts"), opened_archive(path, Bounds(parts=3)):
        pass


def test_parts_that_lie_over_each_other_are_refused(tmp_path):
    path = made(tmp_path / "a.fmu", [("one", bytes(range(200))), ("two", bytes(range(200)))], zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    second = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, second + 42, 0)  # where the second part begins
    path.write_bytes(content)
    with pytest.raises(InputError, match="over each other"), opened_archive(path):
        pass


def test_a_part_of_another_size_than_it_states_is_damaged(tmp_path):
    path = made(tmp_path / "a.fmu", [("one", b"a" * 5000)])
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 100)
    path.write_bytes(content)
    (tmp_path / "out").mkdir()
    with opened_archive(path) as archive, pytest.raises(InputError, match="damaged"):
        archive.unpack(tmp_path / "out")
    assert sum(one.stat().st_size for one in (tmp_path / "out").rglob("*")) <= 100


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\xff" * 18, b"not an archive" * 100, bytes(70_000)])
def test_what_is_no_archive(tmp_path, content):
    path = tmp_path / "a.fmu"
    path.write_bytes(content)
    with pytest.raises(InputError), opened_archive(path):
        pass


def test_a_folder_and_a_missing_file(tmp_path):
    for path in (tmp_path, tmp_path / "missing.fmu"):
        with pytest.raises(InputError) as error, opened_archive(path):
            pass
        assert error.value.problems[0].where == str(path)


def test_a_table_of_contents_that_fills_the_memory_is_refused_unread(tmp_path):
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 3_000_000, 0, 0)
    path = tmp_path / "a.fmu"
    path.write_bytes(bytes(3_000_000) + end)
    with pytest.raises(InputError, match="60000 parts"), opened_archive(path):
        pass


def test_an_archive_of_another_method_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", b"a" * 100)
    (tmp_path / "a.fmu").write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="method"), opened_archive(tmp_path / "a.fmu"):
        pass


def test_what_is_no_archive_is_told_apart(tmp_path):
    whole = made(tmp_path / "a.fmu", [("modelDescription.xml", b"<a/>" * 1000)]).read_bytes()
    path = tmp_path / "b.fmu"
    for content, said in (
        (b"", "the file is empty"),
        (whole[:-30], "cut short"),
        ("time;\u0441\n1;2\n".encode() * 300, "this is text"),
        (b"\x7fELF\x00\x01" * 100, "this is no archive"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=said), opened_archive(path):
            pass
