"""ZIP files of a sheet and screenshots: each picture is checked and kept by its hash; what is odd is named, one line each."""

import hashlib
import json
import struct
import zipfile

import pytest

from humiao.blobs import Blobs
from humiao.errors import BadInput
from tests.humiao.intake.files import archive, picture, posts, problems, read, workbook

HEAD = "平台,时间,内容,截图\n"


def sheet(*names: str) -> bytes:
    return (HEAD + "".join(f"微信群,2026-03-01 20:0{n},第{n}条,{name}\n" for n, name in enumerate(names))).encode()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_pictures_are_kept_byte_for_byte_and_named_by_their_post(tmp_path):
    kinds = {
        "a.png": picture("PNG"),
        "b.jpg": picture("JPEG"),
        "c.webp": picture("WEBP"),
        "d.gif": picture("GIF"),
        "e.BMP": picture("BMP"),
    }
    file = archive(
        tmp_path / "a.zip",
        {"线索.csv": sheet("a.png;b.jpg", "c", "图/d.gif、E.bmp", "")} | {f"图/{name}": it for name, it in kinds.items()},
    )
    lines = read(file, blobs=tmp_path / "kept")
    assert [len(line.remarks) for line in lines] == [0, 0, 0, 0]
    a, b, c, d, e = (sha(content) for content in kinds.values())
    assert [post.attachments for post in posts(lines)] == [(a, b), (c,), (d, e), ()]
    assert lines[0].where == f"{file}/线索.csv:2"
    assert Blobs(tmp_path / "kept").get(a) == kinds["a.png"]


def test_attachments_travel_in_the_message_only_where_there_are_some(tmp_path):
    first, second = posts(read(archive(tmp_path / "a.zip", {"s.csv": sheet("a", ""), "a.png": picture()})))
    assert json.loads(first.to_json())["attachments"] == [sha(picture())]
    assert b"attachments" not in second.to_json()
    assert type(first).from_json(first.to_json()) == first


def test_workbooks_and_json_lines_bring_pictures_too(tmp_path):
    book = workbook(tmp_path / "s.xlsx", ("平台", "时间", "内容", "图片"), ("微信群", "2026-03-01 20:00", "一", "a.png"))
    (post,) = posts(read(archive(tmp_path / "a.zip", {"s.xlsx": book.read_bytes(), "a.png": picture()})))
    assert post.attachments == (sha(picture()),)
    line = {"platform": "群", "text": "一", "ts": "2026-03-01T20:00:00+08:00", "picture": ["a.png"]}
    content = (
        "\n".join(
            map(
                json.dumps,
                (line, line | {"picture": "a.png"}, line | {"picture": 7}, line | {"attachments": ["0" * 64], "picture": None}),
            )
        )
        + "\n[]\n{"
    )
    lines = read(archive(tmp_path / "b.zip", {"s.jsonl": content.encode(), "a.png": picture()}), None)
    assert [post.attachments for post in posts(lines)] == [(sha(picture()),)] * 2
    assert set(problems(lines)) == {3, 4, 5, 6}


def test_names_that_windows_wrote_in_gbk_are_read(tmp_path):
    file = archive(tmp_path / "a.zip", {"xxxx.csv": sheet("截图一.png"), "yyyyyy.png": picture()})
    content = file.read_bytes().replace(b"xxxx.csv", "线索.csv".encode("gbk")).replace(b"yyyyyy.png", "截图一.png".encode("gbk"))
    file.write_bytes(content)
    (line,) = read(file)
    assert line.post.attachments == (sha(picture()),)
    assert "线索.csv" in line.where


def test_the_name_in_unicode_beside_it_counts(tmp_path):
    entry = zipfile.ZipInfo("___.png")
    name = "截图.png".encode()
    entry.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
    (line,) = read(archive(tmp_path / "a.zip", {"s.csv": sheet("截图.png"), entry: picture()}))
    assert line.post.attachments


def test_missing_damaged_and_unnamed_pictures_are_a_line_each(tmp_path):
    files = {
        "s.csv": sheet("gone.png", "text.png", "cut.png", "1/same.png", "same.png", "wide.png"),
        "text.png": b"no picture", "cut.png": picture()[:60], "1/same.png": picture(), "2/same.png": picture(),
        "wide.png": picture(size=(50_000, 1_000)), "more.png": picture(),
    }  # fmt: skip
    said = []
    lines = read(archive(tmp_path / "a.zip", files), remarks=said)
    assert [bool(line.post.attachments) for line in lines] == [False, False, False, True, False, False]
    assert [len(line.remarks) for line in lines] == [1, 1, 1, 0, 1, 1]
    remarks = " ".join(line.remarks[0] for line in lines if line.remarks)
    for part in (
        "'gone.png' is not in the ZIP",
        "no picture of a known format",
        "damaged picture",
        "may be any of 2 files",
        "50,000 × 1,000 pixels",
    ):
        assert part in remarks
    assert said == [f"{tmp_path / 'a.zip'}: {name}: no row names this picture" for name in ("2/same.png", "more.png")]


def test_what_does_not_belong_into_it_is_left_out_and_named(tmp_path):
    files = {
        "../up.png": picture(), "/root.png": picture(), "C:/win.png": picture(), "a/../../x.png": picture(), "inner.zip": b"PK", "film.mp4": b"",
        "old.xls": b"", "__MACOSX/._s.csv": b"", "Thumbs.db": b"", "~$s.xlsx": b"", ".DS_Store": b"", "folder/": b"", "s.csv": sheet(""),
    }  # fmt: skip
    said = []
    assert len(posts(read(archive(tmp_path / "a.zip", files), remarks=said))) == 1
    assert len(said) == 7
    assert sum("leads out" in line for line in said) == 4
    assert not list(tmp_path.glob("**/*.png"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({"a.png": b"x"}, "holds no sheet"),
        ({"a.csv": b"x", "b.csv": b"y"}, "holds 2 sheets (a.csv, b.csv)"),
        ({"a.xlsx": b"x"}, "no ZIP file or workbook"),
        ({"a.csv": b"PK\x05\x06" + bytes(18)}, "is an archive"),
    ],
)
def test_a_zip_without_one_good_sheet_is_refused(tmp_path, files, part):
    with pytest.raises(BadInput) as caught:
        read(archive(tmp_path / "a.zip", files))
    assert part in str(caught.value)


def test_an_encrypted_zip_is_refused(tmp_path):
    file = archive(tmp_path / "a.zip", {"s.csv": sheet("")})
    content = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    file.write_bytes(content)
    with pytest.raises(BadInput, match="is encrypted; unpack it with its password"):
        read(file)


def test_a_picture_column_in_a_sheet_alone_is_left_out_unless_it_is_asked_for(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(sheet("a.png"))
    assert posts(read(file))[0].attachments == ()
    with pytest.raises(BadInput, match="pictures come in one ZIP file"):
        read(file, "auto,截图=picture")


def test_json_lines_outside_of_a_zip_can_not_name_pictures_that_we_hold(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"platform": "a", "text": "x", "ts": "2026-03-01T20:00:00Z", "attachments": ["0" * 64]}))
    assert posts(read(file, None))[0].attachments == ()
