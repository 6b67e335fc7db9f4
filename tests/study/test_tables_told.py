"""A table of the programme in place of one that ships with covolt is told, whatever it says."""

from __future__ import annotations

from pathlib import Path

from covolt.library import shipped_tables as shipped
from covolt.study.gate.check import check_programme

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "city-car"
TABLES = Path(shipped.__file__).parent / "tables"


def told(**further: bytes) -> list[str]:
    files = {one.relative_to(EXAMPLE).as_posix(): one.read_bytes() for one in EXAMPLE.rglob("*") if one.is_file()}
    _, notices = check_programme({**files, **further})
    return [str(one) for one in notices if "takes the place of the table that ships" in str(one)]


def test_a_table_in_place_of_a_shipped_one_is_told_with_its_file() -> None:
    own = (TABLES / "ru-recycling-fee.toml").read_bytes()
    assert told() == []
    assert told(**{"tables/fee.toml": own}) == []
    other = (
        own.replace(b"title = {", b'source = "somebody"\ntitle = {', 1)
        if b"\nsource =" not in own
        else own.replace(b'\nsource = "', b'\nsource = "somebody; ', 1)
    )
    found = told(**{"tables/fee.toml": other})
    assert len(found) == 1
    assert "ru-recycling-fee" in found[0]
    assert "tables/fee.toml" in found[0]
