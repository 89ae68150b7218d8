"""Files made to harm: each is refused or read within seconds and a bounded amount of memory, in a process whose peak is measured."""

import json
import struct
import subprocess
import sys
import zipfile
import zlib

import pytest

from tests.humiao.intake.files import HEADER, ROW, archive, picture, rewritten, with_shared_texts, workbook

SECONDS = 200
"""For the slowest, on two shared cores; most take less than one."""
MIB = 300
"""Above an idle process."""
CHILD = """
import json, resource, sys, time
from pathlib import Path
from humiao.errors import BadInput
sys.path.insert(0, sys.argv[2])
from tests.humiao.intake.files import read_lazily
def peak():  # MiB; of this process alone, which ru_maxrss is not after a fork
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
before, began, said, posts, bad = peak(), time.monotonic(), [], 0, []
outcome = {}
try:
    for line in read_lazily(Path(sys.argv[1]), remarks=said):
        posts += line.post is not None
        if len(bad) < 3 and line.post is None:
            bad.append(line.reason)
        said += line.remarks
except BadInput as error:
    outcome = {"refused": str(error)}
outcome |= {"posts": posts, "bad": bad, "remarks": said[:3], "seconds": time.monotonic() - began, "mib": peak() - before}
print(json.dumps(outcome))
"""
DTD = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def wide_picture(side: int) -> bytes:
    """A PNG whose head promises a square of so many pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + picture()[33:]


def big_zip(path, files):
    """Files of so many bytes of one kind, packed well."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, (head, unit, count) in files.items():
            with packed.open(name, "w", force_zip64=True) as out:
                out.write(head)
                for _ in range(count):
                    out.write(unit)
    return path


def texts_of(path, unit: bytes, count: int, packing: int):
    """A workbook whose table of texts holds `unit` so often."""
    relations = "".join(
        f'<Relationship Id="{id}" Type="/{kind}" Target="{id}.xml"/>' for id, kind in (("s", "worksheet"), ("t", "sharedStrings"))
    )
    with zipfile.ZipFile(path, "w", packing) as packed:
        packed.writestr("xl/workbook.xml", '<w xmlns:r="r"><sheets><sheet name="a" r:id="s"/></sheets></w>')
        packed.writestr("xl/_rels/workbook.xml.rels", f"<R>{relations}</R>")
        packed.writestr("xl/s.xml", "<s/>")
        with packed.open("xl/t.xml", "w", force_zip64=True) as out:
            out.write(b"<sst>")
            for _ in range(count):
                out.write(unit)
            out.write(b"</sst>")
    return path


def sheet_of(path, head: bytes, unit: bytes, count: int, tail: bytes = b""):
    """A workbook whose sheet holds `unit` so often."""
    workbook(path, HEADER, ROW)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, content)
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            out.write(start + head)
            for _ in range(count):
                out.write(unit)
            out.write(tail + b"</sheetData></worksheet>")
    return path


MIB_OF = 1 << 20
CASES = {
    "entities in a sheet": lambda path: rewritten(workbook(path, HEADER, ROW), "xl/worksheets/sheet1.xml", lambda xml: DTD + xml.replace("<v>", "<v>&j;")),
    "an external entity in the texts": lambda path: rewritten(
        with_shared_texts(workbook(path, HEADER, ROW)), "xl/sharedStrings.xml", lambda xml: '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml
    ),
    "entities in the workbook's list": lambda path: rewritten(workbook(path, HEADER, ROW), "xl/workbook.xml", lambda xml: DTD + xml),
    "a sheet of 520 MiB of blanks": lambda path: sheet_of(path, b"", b" " * MIB_OF, 520),
    "one cell of 80 MiB": lambda path: sheet_of(path, b'<row r="1"><c t="inlineStr"><is><t>', b"a" * MIB_OF, 80, b"</t></is></c></row>"),
    "one tag of 300 MiB": lambda path: sheet_of(path, b'<row r="1"><c ', b" " * MIB_OF, 300, b"/></row>"),
    "ten million cells in a row": lambda path: sheet_of(path, b'<row r="1">', b"<c/>" * 100_000, 100, b"</row>"),
    "a million elements deep": lambda path: sheet_of(path, b"", b"<x>" * 100_000, 10),
    "rows far apart": lambda path: sheet_of(path, b'<row r="1048576"><c t="str"><v>x</v></c></row><row r="99999999999"/>', b"", 0),
    "rows backwards": lambda path: sheet_of(path, b'<row r="5"/><row r="4"/>', b"", 0),
    "columns beyond the last": lambda path: sheet_of(path, b'<row r="1"><c r="ZZZ1"/></row>', b"", 0),
    "a text that is not there": lambda path: sheet_of(path, b'<row r="1"><c t="s"><v>99</v></c></row>', b"", 0),
    "no XML": lambda path: rewritten(workbook(path, HEADER, ROW), "xl/worksheets/sheet1.xml", lambda _: "\x00<<<"),
    "a sheet that ends in the middle": lambda path: rewritten(workbook(path, HEADER, ROW), "xl/worksheets/sheet1.xml", lambda xml: xml[:-40]),
    "no list of sheets": lambda path: archive(path, {"xl/workbook.xml": b"<workbook/>"}),
    "a table of texts of 570 MiB": lambda path: texts_of(path, b"<si/>" * 200_000, 600, zipfile.ZIP_DEFLATED),
    "ten million texts": lambda path: texts_of(path, b"<si/>" * 200_000, 50, zipfile.ZIP_STORED),
    "a table of short texts": lambda path: texts_of(path, b"<si><t>ab</t></si>" * 50_000, 60, zipfile.ZIP_STORED),
    "texts of wide characters": lambda path: texts_of(path, ("<si><t>\U0001f600" + "a" * 1000 + "</t></si>").encode() * 500, 500, zipfile.ZIP_STORED),
    "a ZIP of 700 MiB of zeros": lambda path: big_zip(path, {"s.csv": (b"", bytes(MIB_OF), 300), "a.png": (b"", bytes(MIB_OF), 400)}),
    "a sheet of 400 MiB in a ZIP": lambda path: big_zip(path, {"s.csv": (b"", b"a" * MIB_OF, 400)}),
    "a picture that unpacks to 1 GiB": lambda path: archive(path, {"s.csv": "平台,时间,内容,截图\na,2026-03-01,x,a.png\n".encode(), "a.png": wide_picture(32_000)}),
    "60,000 names": lambda path: archive(path, {f"{n}.png": b"" for n in range(60_000)} | {"s.csv": b"a"}),
    "a CSV line of 300 MiB": lambda path: path.write_bytes("平台,时间,内容\n".encode() + b"a" * (300 * MIB_OF) + "\na,2026-03-01,好\n".encode()),
    "quotes that never fit": lambda path: path.write_bytes("平台,时间,内容\n".encode() + b'a"b,"c,\n' * 300_000),
    "NULs alone": lambda path: path.write_bytes(bytes(100 * MIB_OF)),
    "random bytes": lambda path: path.write_bytes("平台,时间,内容\n".encode() + bytes(range(256)) * 40_000),
    "a million separators in a line": lambda path: path.write_bytes("平台,时间,内容\n".encode() + (b"," * 900_000 + b"\n") * 20),
}  # fmt: skip
ENDINGS = {
    "a ZIP of 700 MiB of zeros": "zip",
    "a sheet of 400 MiB in a ZIP": "zip",
    "a picture that unpacks to 1 GiB": "zip",
    "60,000 names": "zip",
}
NAMED = {
    "entities in a sheet": "document type", "an external entity in the texts": "document type", "entities in the workbook's list": "document type",
    "a sheet of 520 MiB of blanks": "would unpack to", "one cell of 80 MiB": "1,000,000 characters|names the columns", "one tag of 300 MiB": "tag of more than",
    "ten million cells in a row": "out of its place", "a million elements deep": "nested", "rows far apart": "comes after", "rows backwards": "comes after",
    "columns beyond the last": "out of its place", "a text that is not there": "not there", "no XML": "damaged workbook",
    "a sheet that ends in the middle": "nothing after this was read|damaged", "a table of texts of 570 MiB": "would unpack to", "ten million texts": "save it as CSV", "a table of short texts": "save it as CSV", "texts of wide characters": "save it as CSV",
    "a ZIP of 700 MiB of zeros": "would unpack to", "a sheet of 400 MiB in a ZIP": "1,000,000 characters|names the columns", "a picture that unpacks to 1 GiB": "pixels",
    "60,000 names": "split it", "a CSV line of 300 MiB": "1,000,000 characters", "quotes that never fit": "never closed", "NULs alone": "names the columns",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_bounded(case, tmp_path, pytestconfig):
    file = tmp_path / f"a.{ENDINGS.get(case, 'csv')}"
    CASES[case](file)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(file), str(pytestconfig.rootpath)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcome = json.loads(done.stdout)
    print(case, outcome)  # noqa: T201 (the figures, with -s)
    assert outcome["mib"] < MIB
    said = json.dumps([outcome.get("refused"), outcome.get("bad"), outcome.get("remarks")], ensure_ascii=False)
    assert any(part in said for part in NAMED.get(case, "").split("|")), said


def test_the_good_rows_beside_the_bad_go_in(tmp_path):
    file = tmp_path / "a.csv"
    CASES["a CSV line of 300 MiB"](file)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(file), "."], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert json.loads(done.stdout)["posts"] == 1


def test_a_zip_that_lies_about_its_sizes(tmp_path):
    file = archive(tmp_path / "a.zip", {"s.csv": "平台,时间,内容\n".encode() + b"a" * 100_000})
    content = bytearray(file.read_bytes())
    at = content.find(b"PK\x01\x02") + 24
    content[at : at + 4] = (50).to_bytes(4, "little")
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(file), "."], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert "refused" in json.loads(done.stdout)


def test_damaged_at_any_byte_a_workbook_or_zip_never_makes_it_fail(tmp_path):
    from humiao.errors import BadInput
    from tests.humiao.intake.files import read

    made = {
        "a.xlsx": workbook(tmp_path / "made.xlsx", HEADER, ROW).read_bytes(),
        "a.zip": archive(
            tmp_path / "made.zip", {"s.csv": "平台,时间,内容,截图\na,2026-03-01,x,a.png\n".encode(), "a.png": picture()}
        ).read_bytes(),
    }
    for name, content in made.items():
        for at in range(0, len(content), 3):
            damaged = bytearray(content)
            damaged[at] ^= 0x55
            (tmp_path / name).write_bytes(damaged)
            try:
                read(tmp_path / name, blobs=tmp_path / "blobs")
            except BadInput:
                continue
