"""Damaged and hostile structures end in an answer or a refusal with what, where and a hint; nothing is written outside."""

# ruff: noqa: E501
import random
import re
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covolt.errors import CovoltError, InputError
from covolt.study.cases.ssp import check_ssp
from tests.exchange.ssp.building import (
    component,
    connection,
    connector,
    document,
    inline,
    real,
    ssp,
    structure,
    system,
    values,
)

VALUE = re.compile(r'(?<==")[^"<>\n]*(?=")')
TAG = re.compile(r"<[^<>]*>")
NASTY = (
    "",
    "-1",
    "1e999",
    "nan",
    "9" * 400,
    "../../etc/passwd",
    "file:/x",
    "#me",
    "a" * 5000,
    "0",
    "true",
    "x" * 30,
    "\u202e",
    "١",
)
REFERENCE = '<ssd:SignalDictionaryReference name="bus" dictionary="signals"><ssd:Connectors><ssd:Connector name="way" kind="inout"/></ssd:Connectors></ssd:SignalDictionaryReference>'
SEED = structure(
    system(
        "car",
        component(
            "one",
            connector("a", "output", "N.m", within='<ssc:Dimension size="2"/>') + connector("b", "input", "m"),
            inline(real("b", 3)),
        )
        + system(
            "two",
            component("inner", connector("c", "input", "Nm")),
            connection("d", "inner.c"),
            connector("d", "input"),
        )
        + REFERENCE
        + component("again", source="#me", type="application/x-ssp-definition"),
        connection("one.a", "two.d", '<ssc:LinearTransformation factor="2"/>', startIndices="1")
        + connection("one.a", "bus.way", startIndices="2")
        + connection("bus.way", "one.b", suppressUnitConversion="true"),
        bindings='<ssd:ParameterBinding prefix="one." source="p.ssv"><ssd:ParameterMapping source="m.ssm"/></ssd:ParameterBinding>',
        tail='<ssd:SignalDictionaries><ssd:SignalDictionary name="signals" source="s.ssb"/></ssd:SignalDictionaries>',
    ).replace('<ssd:System name="two"', '<ssd:System id="me" name="two"'),
    enumerations='<ssd:Enumerations><ssc:Enumeration name="E"><ssc:Item name="x" value="1"/></ssc:Enumeration></ssd:Enumerations>',
)
FILES = {
    "SystemStructure.ssd": SEED,
    "p.ssv": values(real("b", "1", "m") + '<ssv:Parameter name="e"><ssv:Enumeration value="x"/></ssv:Parameter>'),
    "m.ssm": document("ssm", "ParameterMapping", '<ssm:MappingEntry source="one.b" target="one.b"/>'),
    "s.ssb": document("ssb", "SignalDictionary", '<ssb:DictionaryEntry name="way"><ssc:Real/></ssb:DictionaryEntry>'),
}


def damaged(text, dice):
    for _ in range(dice.randint(1, 3)):
        slots = list((VALUE if dice.random() < 0.6 else TAG).finditer(text))
        if not slots:
            break
        one, other = dice.choice(slots), dice.choice(slots)
        put = dice.choice((*NASTY, other.group(), one.group() * 2, one.group() * 40))
        text = text[: one.start()] + put + text[one.end() :]
    return text


def test_the_seed_is_read(tmp_path):
    path = ssp(
        tmp_path / "a.ssp", SEED, **{k.replace(".", "_dot_"): v for k, v in FILES.items() if k != "SystemStructure.ssd"}
    )
    found = check_ssp(path)
    assert len(found.components) == 3
    assert {(one.source, one.target) for one in found.connections} == {
        ("one.a[1]", "two.inner.c"),
        ("one.a[2]", "one.b"),
    }


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 2**32))
def test_damaged_documents_are_answered_or_refused(tmp_path, seed):
    dice = random.Random(seed)
    name = dice.choice(sorted(FILES))
    for file, content in FILES.items():
        (tmp_path / file).write_text(damaged(content, dice) if file == name else content, encoding="utf-8")
    try:
        check_ssp(tmp_path)
    except CovoltError as error:
        assert all(one.what and one.hint for one in error.problems), error


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">', "document type"),
    ],
)
def test_entities_and_document_types_are_refused(tmp_path, head, words):
    with pytest.raises(InputError, match=words):
        check_ssp(ssp(tmp_path / "a.ssp", SEED.replace("?>\n", f"?>{head}\n")))


@pytest.mark.parametrize(
    "source", ["../secret.fmu", "/etc/passwd", "resources/../../secret.fmu", "..%2fsecret.fmu", "http:x/y.fmu"]
)
def test_sources_do_not_leave_the_package(tmp_path, source):
    (tmp_path / "secret.fmu").write_bytes(b"x")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "SystemStructure.ssd").write_text(structure(system("car", component("part", source=source))))
    with pytest.raises(InputError, match=r"leads out of the package|nothing is fetched"):
        check_ssp(folder)


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    (tmp_path / "secret.ssv").write_text(values(real("a", 1)))
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "p.ssv").symlink_to(tmp_path / "secret.ssv")
    binding = '<ssd:ParameterBinding source="p.ssv"/>'
    (folder / "SystemStructure.ssd").write_text(structure(system("car", "", bindings=binding)))
    with pytest.raises(InputError, match="leads out of the package"):
        check_ssp(folder)


def test_parts_that_lead_out_of_an_archive_are_refused(tmp_path):
    path = tmp_path / "a.ssp"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("SystemStructure.ssd", SEED)
        archive.writestr("../outside.txt", "x")
    with pytest.raises(InputError, match="leads out of the archive"):
        check_ssp(path)
    assert not (tmp_path / "outside.txt").exists()


def test_structures_that_multiply_end_at_the_bound(tmp_path):
    levels = "".join(
        f'<ssd:System name="l{n}" id="l{n}"><ssd:Elements>'
        + "".join(component(f"c{k}", source=f"#l{n + 1}", type="application/x-ssp-definition") for k in range(10))
        + "</ssd:Elements></ssd:System>"
        for n in range(9)
    )
    last = '<ssd:System name="l9" id="l9"/>'
    ssd = structure(system("car", levels + last))
    with pytest.raises(InputError, match="elements, those of named structures counted"):
        check_ssp(ssp(tmp_path / "a.ssp", ssd))


def test_one_document_that_is_named_very_often_is_read_once_and_bounded(tmp_path):
    many = "".join(real(f"p{number}", 1) for number in range(100))
    bindings = '<ssd:ParameterBinding source="p.ssv"/>' * 3000
    ssd = structure(system("car", component("part", connector("p1", "parameter")), bindings=bindings))
    path = ssp(tmp_path / "a.ssp", ssd, p_dot_ssv=values(many))
    with pytest.raises(InputError, match="more than 100000 parameters in all bindings together"):
        check_ssp(path)
