"""Settings: where they come from, which wins, and how a wrong one is told."""

from pathlib import Path

import pytest

from humiao import settings
from humiao.errors import SettingsError

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "humiao.toml"


def test_command_line_beats_environment_beats_file(file, monkeypatch):
    file.write_text('data = "from-file"\n[crawl]\ninterval = 7\n')
    assert settings.load().data == Path("from-file")
    assert settings.load().crawl.interval == 7
    monkeypatch.setenv("HUMIAO_DATA", "from-env")
    monkeypatch.setenv("HUMIAO_CRAWL__INTERVAL", "9")
    assert settings.load().data == Path("from-env")
    assert settings.load().crawl.interval == 9
    assert settings.load(data=Path("from-line")).data == Path("from-line")


def test_environment_of_one_key_keeps_the_files_other_keys_of_the_section(file, monkeypatch):
    file.write_text('[crawl]\ninterval = 7\ncontact = "desk@example.org"\n')
    monkeypatch.setenv("HUMIAO_CRAWL__INTERVAL", "9")
    assert settings.load().crawl.contact == "desk@example.org"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("colour = 1\n", r"humiao\.toml: colour: is no setting"),
        ("[crawl]\nspeed = 1\n", r"humiao\.toml: crawl\.speed: is no setting"),
        ('[crawl]\ninterval = "soon"\n', r"humiao\.toml: crawl\.interval: .*number"),
        ("[console]\nport = 70000\n", r"humiao\.toml: console\.port: .*65535"),
        ("data = \n", r"humiao\.toml: is not TOML"),
    ],
)
def test_wrong_file_is_one_line_with_file_and_key(file, content, message):
    file.write_text(content)
    with pytest.raises(SettingsError, match=message) as caught:
        settings.load()
    assert "\n" not in str(caught.value)


def test_wrong_environment_is_named(file, monkeypatch):
    monkeypatch.setenv("HUMIAO_ALERT__BATCH", "many")
    with pytest.raises(SettingsError, match=r"environment HUMIAO_ALERT__BATCH: alert\.batch"):
        settings.load()


def test_unknown_variable_is_named(file, monkeypatch):
    monkeypatch.setenv("HUMIAO_CRAWL__SPEED", "1")
    with pytest.raises(SettingsError, match="HUMIAO_CRAWL__SPEED is no setting"):
        settings.load()


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"absent\.toml: can't be read"):
        settings.load(tmp_path / "absent.toml")


def test_every_setting_stands_in_the_docs_with_its_default_and_has_a_description():
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name in settings.names():
        assert f"`{name}`" in page, f"docs/settings.md lacks {name}; run python docs/reference.py"


def test_docs_name_no_setting_that_does_not_exist():
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    named = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert named == set(settings.names())
