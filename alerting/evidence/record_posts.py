"""The parts of the printed record that speak of posts and pages: how they were obtained, and each one with its facts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from reportlab.platypus import Flowable

from alerting.evidence import layout, paper
from alerting.evidence.package import CRAWLER
from humiao.labels import HARM_NAMES, Harm

POSTS_SHOWN: Final = 200
TEXT_SHOWN: Final = 400
"""Characters of a post's text."""
_BEIJING: Final = timezone(timedelta(hours=8))
_Row = dict[str, Any]


def beijing(instant: str) -> str:
    """An instant in ISO 8601 as people read it: Beijing time, to the second."""
    return datetime.fromisoformat(instant).astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def process(members: Mapping[str, bytes], *, redacted: bool) -> list[Flowable]:
    """Object, method and environment, process and outcome."""
    posts, pages = _rows(members, layout.EVIDENCE), _rows(members, layout.NETWORK)
    shown = [one if redacted else one["post"] for one in posts]
    platforms = "、".join(dict.fromkeys(str(one["platform"]) for one in shown))
    urls = len({one["url"] for one in shown if one["url"]})
    story: list[Flowable] = [
        *paper.head("一、提取对象"),
        paper.text(f"{platforms or '（无帖文）'} 上公开发布的帖文 {len(posts)} 件（同一帖文的不同版本分别计数），网址 {urls} 个。"),
        *paper.head("二、提取方法、环境、过程和结果"),
    ]
    if redacted:
        return [*story, paper.text("提取方法、环境和过程见未脱敏的证据包及其笔录。")]
    asked = sorted({str(page["operator"]) for page in pages} - {CRAWLER})
    software = "；".join(dict.fromkeys(str(page["software"]) for page in pages if page.get("software")))
    times = sorted(page["captured_at"] for page in pages)
    pictures = sum(name.startswith(layout.PICTURES) for name in members)
    lacking = sum(not one["blob"] for one in posts)
    told = [
        "方法：以普通访客身份访问公开网页，未登录，未绕过验证或访问限制；应答按原样写入 WARC 文件，并计算 SHA-256。",
        f"软件：{software or '（无网页记录）'}。",
        f"提取人：系统按计划自动访问{'；' + '、'.join(asked) + ' 指令即时取证' if asked else ''}。",
    ]
    if times:
        told.append(f"时间：首次 {beijing(times[0])}，末次 {beijing(times[-1])}（北京时间）。")
    told.append(
        f"结果：固定网页 {len(pages)} 个、截图和附图 {pictures} 个，另有 {lacking} 件帖文没有网页记录（由线索文件或合作单位提供）。"
    )
    return [*story, *(paper.text(line) for line in told)]


def posts(members: Mapping[str, bytes], *, redacted: bool) -> list[Flowable]:
    """Each kept post with what proves it."""
    rows = _rows(members, layout.EVIDENCE)
    pages = {str(page["sha256"]): page for page in _rows(members, layout.NETWORK)}
    story: list[Flowable] = [*paper.head("五、帖文及其网页")]
    if len(rows) > POSTS_SHOWN:
        story.append(paper.text(f"共 {len(rows)} 件，以下列出前 {POSTS_SHOWN} 件；全部见 {layout.EVIDENCE}。"))
    for number, one in enumerate(rows[:POSTS_SHOWN], start=1):
        told = _masked(one) if redacted else _whole(one, pages.get(one["blob"], {}))
        story += [paper.fields([(f"第 {number} 件", told[0][1]), *told[1:]]), paper.gap(5)]
    return story


def _masked(one: _Row) -> list[tuple[str, paper.Cell]]:
    return [
        ("", f"{one['platform']}　{one['board']}　{one['author']}"),
        ("网址", one["url"] or "（无）"),
        ("发布时间", beijing(one["ts"])),
        ("正文（脱敏）", _short("\n".join(part for part in (one["title"], one["text"]) if part))),
        ("研判", _verdict(one)),
        ("原件校验值", paper.text(f"SHA-256 {one['original_sha256']}", "mono")),
    ]


def _whole(one: _Row, page: _Row) -> list[tuple[str, paper.Cell]]:
    post = one["post"]
    rows: list[tuple[str, paper.Cell]] = [
        ("", f"{post['platform']}　{post['board']}　作者：{post['author'] or '（未显示）'}"),
        ("网址", post["url"] or "（无）"),
        ("显示的发布时间", beijing(post["ts"])),
        ("正文", _short("\n".join(part for part in (post["title"], post["text"]) if part))),
        ("研判", _verdict(one["verdict"])),
        ("帖文校验值", paper.text(f"SHA-256 {one['post_sha256']}", "mono")),
    ]
    if not page:
        return [*rows, ("网页", "没有网页记录")]
    facts = [
        f"固定时间 {beijing(page['captured_at'])}",
        f"应答 {page.get('status', '（无）')}",
        f"服务器 IP {page.get('ip') or '（未记录）'}",
    ]
    if "clock_offset_seconds" in page:
        facts.append(f"服务器时钟与本机相差 {page['clock_offset_seconds']:+.0f} 秒")
    rows.append(("网页", "；".join(facts)))
    if digest := page.get("certificate_sha256"):
        rows.append(("TLS 证书", paper.text(f"SHA-256 {digest}", "mono")))
    return [*rows, ("网页记录", [paper.text(f"{page['record']}", "mono"), paper.text(f"SHA-256 {page['sha256']}", "mono")])]


def _verdict(verdict: _Row) -> str:
    harms = "、".join(f"{HARM_NAMES[Harm(harm)]} {float(verdict['harm'][harm]):.2f}" for harm in verdict["flags"])
    return f"{harms or '未达阈值'}（模型 {verdict['model']}）"


def _short(content: str) -> str:
    return content if len(content) <= TEXT_SHOWN else f"{content[:TEXT_SHOWN]}……（共 {len(content)} 字，全文见证据包）"


def _rows(members: Mapping[str, bytes], name: str) -> Sequence[_Row]:
    return [json.loads(line) for line in members.get(name, b"").splitlines()]
