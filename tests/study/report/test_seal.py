"""A report bears its digest, is the same whenever it is made, and says where it was altered."""

import json
import os
import re
import subprocess
import sys

import pytest

from covolt.cli import main
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.study.cases.example import copy_example
from covolt.study.cases.report import make_report
from covolt.study.cases.report_check import check_report
from covolt.study.report.seal import is_whole, sealed, stated

pytestmark = pytest.mark.whole


@pytest.fixture
def made(verified_car):
    programme = read_programme(verified_car)
    path = make_report(programme, verified_car / "build" / "report.html", day="2026-11-28", language="ru")
    return programme, path


def test_a_seal_is_broken_by_any_sign():
    text = sealed('<meta name="covolt-page" content="sha256:' + 64 * "0" + '">\nfour words of text')
    assert is_whole(text) and stated(text).startswith("sha256:")
    for place in range(len(text)):
        if not text[place].isspace() and '"covolt-page"' in (other := text[:place] + "~" + text[place + 1 :]):
            try:
                assert not is_whole(other), place
            except ValueError:
                assert place < text.index(">"), "it bears no digest any more"


def test_it_is_in_order_alone_and_beside_its_programme(made):
    programme, path = made
    for one in (path, path.with_suffix(".json")):
        assert check_report(one).answer == "in order"
        found = check_report(one, programme)
        assert (found.answer, str(found.where)) == ("in order", "")
    twin = json.loads(path.with_suffix(".json").read_text())
    assert twin["date"] == "2026-11-28"
    assert path.read_text().count(twin["digest"]) == 2, "in the head and in the foot"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param(r"<h2", "<h2 ", marks=pytest.mark.slow),
        (r'(<td class="n">.*?)[0-8](?=[,.])', r"\g<1>9"),
        pytest.param("не выполнено", "выполнено", marks=pytest.mark.slow),
        ('class="v not-met"', 'class="v met"'),
    ],
)
def test_an_altered_page_is_found(made, was, now):
    programme, path = made
    text = path.read_text()
    altered = re.sub(was, now, text, count=1)
    assert altered != text
    path.write_text(altered)
    assert check_report(path).answer == "altered"
    path.write_text(sealed(altered))  # whoever alters it can take the digest anew: the programme still tells
    found = check_report(path, programme)
    assert found.answer == "altered"
    where = str(found.where)
    assert where.startswith("line ") and "where the programme gives" in where
    assert not re.search(r"&\w+;|&#\d+;|<\w", where), "as a reader sees it"


def test_an_altered_twin_is_found_and_belongs_to_its_page(made):
    programme, path = made
    twin = path.with_suffix(".json")
    text = twin.read_text()
    altered = text.replace('"accepted": false', '"accepted": true', 1)
    assert altered != text
    twin.write_text(altered)
    assert check_report(twin).answer == "altered"
    twin.write_text(sealed(altered))
    assert str(check_report(twin).where) == "report.html beside it does not belong to it"
    assert str(check_report(path).where) == "report.json beside it does not belong to it"
    assert "accepted" in str(check_report(twin, programme).where)


def test_another_lock_is_told(made):
    programme, path = made
    lock = programme.files.folder / "programme.lock"
    lock.write_text(lock.read_text() + "# of another day\n")
    assert check_report(path, read_programme(programme.files.folder)).answer == "another lock"


def test_what_came_since_is_told_and_is_no_alteration(made, capsys):
    programme, path = made
    requirement = programme.files.folder / "integrator" / "requirements" / "I-PRICE.toml"
    requirement.write_text(requirement.read_text().replace("1400 kRUB", "4400 kRUB"))
    now = read_programme(programme.files.folder)
    for one in (path, path.with_suffix(".json")):
        found = check_report(one, now)
        assert found.answer == "earlier state"
        told = [said.said("en") for said in found.changed]
        assert "bound of I-PRICE: then ≤ 1400 kRUB, now ≤ 4400 kRUB" in told
        assert any(re.fullmatch(r"I-PRICE: then not met, .* kRUB, now met, .* kRUB", said) for said in told), told
    command = ["report", str(programme.files.folder), "--check", str(path)]
    for options, expected in ((["--language", "ru"], "I-PRICE: было — не выполнено"), (["--json"], '"earlier state"')):
        with pytest.raises(SystemExit) as ended:
            main([*command, *options])
        assert ended.value.code == 6
        assert expected in " ".join(capsys.readouterr().out.split())
    path.write_text(path.read_text().replace("<h2", "<h2 ", 1))
    assert check_report(path, now).answer == "altered", "what does not fit its own digest was altered"


def test_what_is_no_report_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<p>nothing</p>")
    for name in ("page.html", "none.html"):
        with pytest.raises(InputError):
            check_report(tmp_path / name)


def test_the_command_ends_as_gates_do(made, capsys):
    programme, path = made
    for change, code in ((lambda text: text, 0), (lambda text: text.replace("<h2", "<h2 ", 1), 6)):
        path.write_text(change(path.read_text()))
        with pytest.raises(SystemExit) as ended:
            main(["report", str(programme.files.folder), "--check", str(path)])
        assert ended.value.code == code
    assert "where the programme gives" in " ".join(capsys.readouterr().out.split())


@pytest.mark.slow
def test_fresh_and_recalled_give_the_same_bytes(tmp_path):
    """Two empty caches, two seeds of hashing, and each a second time from what it kept."""
    # A command of its own trusts what ships: so it is the signed example itself.
    car = copy_example(tmp_path / "car", "city-car")
    texts = []
    for seed in ("0", "4711"):
        for turn in ("fresh", "recalled"):
            page = tmp_path / f"{seed}-{turn}" / "report.html"
            page.parent.mkdir()
            environment = os.environ | {"PYTHONHASHSEED": seed, "COVOLT_CACHE_DIR": str(tmp_path / seed)}
            command = [sys.executable, "-m", "covolt", "report", str(car), "--output", str(page)]
            subprocess.run(command, check=True, env=environment, capture_output=True)
            texts.append((page.read_bytes(), page.with_suffix(".json").read_bytes()))
    assert len(set(texts)) == 1


def test_a_page_that_says_that_another_reads_it_tells_nothing_of_what_that_one_sees(made):
    programme, path = made
    text = path.read_text()
    party = next(iter(programme.parties))
    altered = text.replace("&#34;reader&#34;: &#34;&#34;", f"&#34;reader&#34;: &#34;{party}&#34;", 1)
    assert altered != text
    path.write_text(sealed(altered))
    found = check_report(path, programme)
    assert (found.answer, str(found.where)) == (
        "another reader",
        f"it says that it was made for {party}: check it with --party {party}",
    )
    assert "where the programme gives" in str(check_report(path, programme, party=party).where)
