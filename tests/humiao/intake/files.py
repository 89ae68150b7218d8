"""Sheets and ZIP files, made as people's programs make them."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
from PIL import Image

from humiao.blobs import Blobs
from humiao.intake.how import SHANGHAI, HowToRead
from humiao.intake.line import Line
from humiao.intake.mapping import parse_map
from humiao.intake.reading import FileReader

NOW = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
HEADER = ("序号", "平台", "发布时间", "内容", "链接", "作者")
ROW = ("1", "抖音", "2026-03-01 20:15", "校门口有人卖电子烟", "https://www.douyin.com/video/1", "小鱼")


def read_lazily(
    file: Path, wanted: str | None = "auto", *, remarks: list[str] | None = None, blobs: Path | None = None, **how: object
) -> Iterator[Line]:
    """Line by line, read with the map `wanted`."""
    said = remarks if remarks is not None else []
    reading = HowToRead(wanted=parse_map(wanted) if wanted else None, **{"zone": SHANGHAI, **how})
    return FileReader(file, reading, Blobs(blobs or file.parent / "blobs"), NOW, said.append).lines()


def read(file: Path, wanted: str | None = "auto", **how: object) -> list[Line]:
    """Every line of `file`, read with the map `wanted`."""
    return list(read_lazily(file, wanted, **how))


def posts(lines: list[Line]) -> list:
    return [line.post for line in lines if line.post]


def problems(lines: list[Line]) -> dict[int, str]:
    """Reason by line number."""
    return {int(line.where.rpartition(":")[2]): line.reason for line in lines if line.post is None}


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: tuple, title: str = "线索") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with one part changed (or made, from nothing)."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b"").decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def with_shared_texts(path: Path) -> Path:
    """The workbook as Excel writes it: texts in a table of their own, cells with their numbers."""
    texts: list[str] = []

    def share(found: re.Match[str]) -> str:
        texts.append(found.group(2))
        return f'<c{found.group(1)}t="s"><v>{len(texts) - 1}</v></c>'

    cell = re.compile(r'<c([^>]*?)t="inlineStr"[^>]*>\s*<is>(.*?)</is>\s*</c>', re.DOTALL)
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: cell.sub(share, xml))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rewritten(path, "xl/sharedStrings.xml", lambda _: f'<sst xmlns="{main}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>')
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="/xl/sharedStrings.xml"/></Relationships>'
    return rewritten(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("</Relationships>", relation))


def picture(kind: str = "PNG", size: tuple[int, int] = (30, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def archive(path: Path, files: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path
