from pathlib import Path

import pytest
import yaml

from crawlers.source_reading import SourceError, choose, problems, read_source, read_sources, source_folder

TEMPLATE = Path(__file__).parents[2] / "crawlers/demo/source.yaml"
EXAMPLE = Path(__file__).parents[2] / "sources/example.yaml.disabled"


def write(folder: Path, file_name: str = "one.yaml", **changes) -> Path:
    content = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    for path, value in changes.items():
        inside = content
        *outer, last = path.split("__")
        for key in outer:
            inside = inside[key]
        if value is None:
            del inside[last]
        else:
            inside[last] = value
    folder.mkdir(exist_ok=True)
    file = folder / file_name
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def test_shipped_example_and_templates_are_valid():
    assert read_source(EXAMPLE).rate.seconds == 3
    assert read_source(TEMPLATE).zone.key == "Asia/Shanghai"
    assert read_source(TEMPLATE.with_name("feed.yaml")).family == "feed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"owner": None}, "owner: is missing"),
        ({"permission": None}, "permission: is missing"),
        ({"rate": None}, "rate: is missing"),
        ({"owner": ""}, "owner: .*at least 3"),
        ({"rate": {}}, "rate: give either delay"),
        ({"rate": {"delay": 1, "per_minute": 3}}, "rate: give either delay"),
        ({"rate": {"delay": 0}}, "rate.delay: .*greater than 0"),
        ({"start": []}, "start: .*at least 1"),
        ({"start": ["file:///etc/passwd"]}, "start.0: 'file:///etc/passwd' is no http"),
        ({"selectors": None}, "family html needs selectors"),
        ({"selectors__thread__post": "div["}, r"selectors.thread.post: 'div\[' is no CSS selector"),
        ({"selectors__thread__id_pattern": r"\d+"}, "selectors.thread.id_pattern: .*exactly one group"),
        ({"selectors__thread__pots": "div"}, "selectors.thread.pots: is no field"),
        ({"timezone": "Mars/Base"}, "timezone: 'Mars/Base' is no time zone"),
        ({"name": "Not A Name"}, "name: "),
        ({"family": "api"}, "family: "),
    ],
)
def test_bad_source_is_refused_with_file_and_field(tmp_path, changes, message):
    file = write(tmp_path, **changes)
    with pytest.raises(SourceError, match=rf"^{file}(:\d+)?: {message}") as caught:
        read_source(file)
    assert "\n" not in str(caught.value)


def test_feed_source_has_no_selectors(tmp_path):
    with pytest.raises(SourceError, match="the other families know theirs"):
        read_source(write(tmp_path, family="feed"))


def test_broken_yaml_names_the_line(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text("name: a\nowner: [b\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"one.yaml:3: is not YAML"):
        read_source(file)
    file.write_text("just text", encoding="utf-8")
    with pytest.raises(SourceError, match="must be a table"):
        read_source(file)


def test_two_files_with_one_name_are_refused(tmp_path):
    write(tmp_path, "a.yaml")
    write(tmp_path, "b.yaml")
    with pytest.raises(SourceError, match=r"b.yaml: name: 'demo' is already used by .*a.yaml"):
        read_sources(tmp_path)


def test_disabled_files_are_not_read_and_unknown_names_are_explained(tmp_path):
    write(tmp_path, "a.yaml.disabled")
    with pytest.raises(SourceError, match="holds no source file"):
        choose(read_sources(tmp_path), None, tmp_path)
    write(tmp_path, "b.yaml")
    assert [source.name for source in choose(read_sources(tmp_path), "demo", tmp_path)] == ["demo"]
    with pytest.raises(SourceError, match="has no source 'x'; it has demo"):
        choose(read_sources(tmp_path), "x", tmp_path)
    with pytest.raises(SourceError, match="no such folder"):
        read_sources(tmp_path / "none")


def test_relative_folder_is_taken_below_the_data_folder_if_it_is_there(tmp_path):
    assert source_folder(Path("sources"), tmp_path) == Path("sources")
    (tmp_path / "sources").mkdir()
    assert source_folder(Path("sources"), tmp_path) == tmp_path / "sources"
    assert source_folder(Path("/srv/sources"), tmp_path) == Path("/srv/sources")


def test_every_mistake_is_named_with_its_line(tmp_path):
    file = write(tmp_path, permission=None, rate={"delay": 0}, selectors__thread__post="div[", windows=["8-9"])
    lines = file.read_text(encoding="utf-8").splitlines()
    found = problems(file)
    assert len(found) == 4
    assert any(one.startswith(f"{file}: permission: is missing") for one in found)
    for field, key in (("rate.delay", "delay:"), ("selectors.thread.post", "post:"), ("windows.0", "- 8-9")):
        (said,) = [one for one in found if f" {field}: " in one]
        assert lines[int(said.removeprefix(f"{file}:").split(":")[0]) - 1].strip().startswith(key)
    with pytest.raises(SourceError, match="and 3 more; humiao sources check names them"):
        read_source(file)


def test_every_family_that_a_file_may_name_is_there():
    from typing import get_args

    from crawlers.families import FAMILIES
    from crawlers.source import FamilyName

    assert set(FAMILIES) == set(get_args(FamilyName)) == {family.name for family in FAMILIES.values()}
