"""In which language a command speaks."""

import pytest

from covolt.cli import main
from covolt.cli.language import VARIABLE, begin_speaking, chosen_language, speaking
from covolt.errors import InputError


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    monkeypatch.delenv(VARIABLE, raising=False)
    begin_speaking([])


def test_the_option_goes_before_the_environment_and_english_after_both(monkeypatch):
    assert chosen_language() == "en"
    monkeypatch.setenv(VARIABLE, "ru")
    assert chosen_language() == "ru"
    assert chosen_language("en") == "en"


@pytest.mark.parametrize("option", ["fr", None])
def test_a_language_that_covolt_does_not_speak_is_refused_where_it_is_named(monkeypatch, option):
    monkeypatch.setenv(VARIABLE, "fr")
    with pytest.raises(InputError) as caught:
        chosen_language(option)
    assert caught.value.problems[0].where == ("--language" if option else VARIABLE)
    assert "write en or ru" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("arguments", "language"),
    [(["gate", "--language", "ru"], "ru"), (["gate", "--language=ru"], "ru"), (["gate"], "en"), (["--language"], "en")],
)
def test_what_is_wrong_with_a_command_is_told_in_its_language(arguments, language):
    begin_speaking(arguments)
    assert speaking() == language


def test_a_command_refuses_a_language_of_the_environment_that_covolt_does_not_speak(monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "fr")
    with pytest.raises(SystemExit) as leaving:
        main(["schema"])
    out, err = capsys.readouterr()
    assert (leaving.value.code, out) == (2, "")
    assert "COVOLT_LANGUAGE: no language 'fr'" in err and "hint: write en or ru" in err
