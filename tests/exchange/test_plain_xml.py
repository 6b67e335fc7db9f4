"""XML of strangers: read plainly, with bounds; no entity is ever resolved."""

import pytest

from covolt.errors import InputError
from covolt.exchange.plain_xml import read_xml


def test_elements_attributes_lines_and_namespaces():
    root = read_xml(b'<a x="1">\n <b xmlns="urn:n" y="2">t</b>\n <b/>\n</a>', "f")
    assert (root.tag, root.get("x"), root.get("z", "no")) == ("a", "1", "no")
    first = root.first("b")
    assert (first.tag, first.name, first.line, first.content) == ("{urn:n}b", "b", 2, "t")
    assert len(list(root.all("b"))) == len(list(root.all())) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b"<a>&x;</a>", "well-formed"),
        (b"<a><b></a>", "well-formed"),
        (b"", "well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "well-formed"),
        (b"\xff\xfe\x00", "well-formed"),
        (b"<a>" * 100 + b"</a>" * 100, "levels"),
        (b"<a " + b" ".join(b'x%d="1"' % number for number in range(300)) + b"/>", "attributes"),
    ],
)
def test_what_is_refused(content, said):
    with pytest.raises(InputError, match=said) as error:
        read_xml(content, "f.xml")
    assert error.value.problems[0].where.startswith("f.xml:")


def test_a_million_elements_are_too_many():
    with pytest.raises(InputError, match="1000000 elements"):
        read_xml(b"<a>" + b"<b/>" * 1_000_001 + b"</a>", "f.xml")
