"""The demo forum's RSS 2.0 feeds: one item per thread, its first post in full."""

import html
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from crawlers.demo.content import ShownThread

CONTENT = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
ET.register_namespace("content", CONTENT)
ET.register_namespace("dc", DUBLIN_CORE)


def render_rss(title: str, origin: str, threads: Sequence[ShownThread]) -> bytes:
    """The feed as UTF-8 XML; `origin` such as ``http://127.0.0.1:8080`` makes links absolute."""
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    for name, value in (("title", title), ("link", f"{origin}/"), ("description", title), ("language", "zh-cn")):
        ET.SubElement(channel, name).text = value
    for thread in threads:
        first = thread.posts[0]
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "title").text = thread.title
        ET.SubElement(item, "link").text = f"{origin}/post/{first.id}"
        ET.SubElement(item, "guid", isPermaLink="false").text = first.id
        ET.SubElement(item, "pubDate").text = format_datetime(first.ts.astimezone(ZoneInfo("Asia/Shanghai")))
        ET.SubElement(item, f"{{{DUBLIN_CORE}}}creator").text = first.author
        ET.SubElement(item, "category").text = thread.board_name
        blocks = (html.escape(block).replace("\n", "<br/>") for block in first.text.split("\n\n"))
        ET.SubElement(item, f"{{{CONTENT}}}encoded").text = "".join(f"<p>{block}</p>" for block in blocks)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(rss, encoding="unicode").encode()
