"""Import files: good rows go in, bad ones are told by line and column."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerting.places import keeping
from alerting.places.place import Kind
from alerting.places.reading import read
from humiao.cli import build
from humiao.errors import BadInput, SettingsError
from humiao.settings import Settings
from tests.alerting.places.sentences import HERE

BAD = """kind,name,aliases,parent,lat,lon
餐馆,好吃,,,,
学校,甲乙小学,,,22.6x,114
school,丙,,,,
学校,丁戊小学,,不知道社区,,
小区,己庚花园,,,22.6,114.0,多余
小区,辛壬花园,,,22.6,
area,子丑社区,,,,
学校,寅卯小学,寅小|卯小,子丑社区,22.6,114.0
学校,寅卯小学,,,,
"""
FEATURES = """{"type": "FeatureCollection", "features": [
  {"type": "Feature", "properties": {"amenity": "school", "name": "子丑小学", "alt_name": "子丑"},
   "geometry": {"type": "Polygon", "coordinates": [[[114.0, 22.5], [114.2, 22.5], [114.2, 22.7], [114.0, 22.5]]]}},
  {"type": "Feature", "properties": {"name": "寅卯"}, "geometry": null}]}
"""


def test_every_bad_row_is_told_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(BAD, encoding="utf-8")
    found = read(file)
    assert [place.name for place in found.places] == ["子丑社区", "寅卯小学"]
    starts = ["2:1: kind:", "3:5: lat:", "4:2: name:", "6:7: has more", "7:6: lon:", "5: parent:", "10: id:"]
    assert [problem.split(".csv:")[1].startswith(start) for problem, start in zip(found.problems, starts, strict=True)] == [
        True
    ] * 7
    school = found.places[1]
    assert (school.aliases, school.parent, school.lat) == (("寅小", "卯小"), found.places[0].id, 22.6)


def test_sheets_of_chinese_excel_are_read(tmp_path: Path) -> None:
    file = tmp_path / "gb.csv"
    file.write_bytes("类型;名称;别名\r\n学校;子丑小学;子小\r\n幼儿园;寅卯幼儿园;\r\n".encode("gb18030"))
    assert [(one.kind, one.name) for one in read(file).places] == [(Kind.SCHOOL, "子丑小学"), (Kind.KINDERGARTEN, "寅卯幼儿园")]


def test_geojson_gives_names_and_the_middle_of_an_area(tmp_path: Path) -> None:
    file = tmp_path / "a.geojson"
    file.write_text(FEATURES, encoding="utf-8")
    found = read(file)
    [school] = found.places
    assert (school.kind, school.aliases, round(school.lat or 0, 3), round(school.lon or 0, 3)) == (
        Kind.SCHOOL,
        ("子丑",),
        22.6,
        114.1,
    )
    assert found.problems[0].startswith(f"{file}:4:3: feature 2: kind: is empty; use one of")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.geojson", b'{"type":\n "FeatureCollection', ":2:2: is no JSON"),
        ("a.geojson", b'{"type": "Feature"}', ":1:1: is no FeatureCollection"),
        ("a.geojson", b"\xff\xfe{", ": is not UTF-8"),
        ("a.geojson", b"[" * 100_000, "nested too deeply"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"a,b\n1,2\n", "line 1: no column is called kind"),
        ("a.csv", b"kind,name,color\n", "line 1: column 3 'color' is unknown"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read(file)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_import_adds_to_what_is_known_and_is_used_from_then_on(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    assert keeping.file_of(settings) == keeping.SHIPPED
    run = CliRunner().invoke(build(), ["places", "import", str(HERE / "district.csv"), "--data", str(settings.data)])
    assert run.exit_code == 0, run.output
    kept = keeping.load(keeping.file_of(settings))
    assert keeping.file_of(settings) == settings.data / "places.csv"
    assert {"bantian-primary", "x-bantian-1"} <= set(kept.places)
    assert kept.places == {
        **keeping.load(keeping.SHIPPED).places,
        **{id: place for id, place in kept.places.items() if id[:2] == "x-"},
    }
    found = CliRunner().invoke(build(), ["places", "find", "坂一中门口", "--data", str(settings.data)])
    assert "坂田第一中学" in found.output
    file = tmp_path / "mine.csv"
    file.write_text("kind,name\n餐馆,好吃\n学校,子丑小学\n", encoding="utf-8")
    replaced = CliRunner().invoke(build(), ["places", "import", str(file), "--replace", "--data", str(settings.data)])
    assert replaced.exit_code == 2
    assert [place.name for place in keeping.load(keeping.file_of(settings)).places.values()] == ["子丑小学"]


def test_check_lists_names_that_places_share(tmp_path: Path) -> None:
    run = CliRunner().invoke(build(), ["places", "check", "--data", str(tmp_path)])
    assert run.exit_code == 0
    assert "ambiguous 五小: 五和小学 (wuhe-primary), 五园小学 (wuyuan-primary)" in run.output


def test_a_stage_does_not_start_with_a_bad_gazetteer(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"bad.csv:2:1: kind"):
        keeping.load(file)


def test_import_does_not_write_csv_into_geojson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "places.geojson"
    kept.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    before = kept.read_bytes()
    monkeypatch.setenv("HUMIAO_ALERT__PLACES", str(kept))
    run = CliRunner().invoke(build(), ["places", "import", str(HERE / "district.csv"), "--data", str(tmp_path)])
    assert isinstance(run.exception, BadInput)
    assert kept.read_bytes() == before
