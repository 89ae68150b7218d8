"""JSON, feeds and sitemaps that are built to be expensive."""

import gzip
import json

from tests.crawlers.hostile.cases import Act, Case, http, post, thread
from tests.crawlers.hostile.packed import gzip_bomb

MIB = 1 << 20
TOPIC = {"id": 1, "slug": "t", "title": "题", "posts_count": 1, "bumped_at": "2026-01-03T04:00:00Z"}
NONE = frozenset()


def api(name: str, body: str | bytes, **other: object) -> Case:
    """A forum whose JSON is this."""
    return Case(name, {"*": http(body, "application/json")}, source={"family": "discourse"}, **({"posts": NONE} | other))


def feed(name: str, body: str | bytes, **other: object) -> Case:
    return Case(name, {"*": http(body, "application/rss+xml")}, source={"family": "feed"}, **({"posts": None} | other))


def sitemap(name: str, pages: dict[str, Act], **other: object) -> Case:
    return Case(name, pages, source={"family": "schema_org", "visit_requests": 60}, **({"posts": NONE} | other))


def item(id: str, text: str = "一句话") -> str:
    return f"<item><guid>{id}</guid><title>题</title><pubDate>Sat, 03 Jan 2026 12:00:00 +0800</pubDate><description>{text}</description></item>"


def rss(*items: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'
    )


LAUGHS = "<!DOCTYPE lolz [<!ENTITY lol 'lol'>" + "".join(
    f"<!ENTITY lol{n} '{f'&lol{n - 1 if n > 1 else str()};' * 10}'>" for n in range(1, 10)
) + "]>"  # fmt: skip
FILE = '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://169.254.169.254/">%p;]>'
SQUARE = f"<!DOCTYPE x [<!ENTITY a '{'a' * 100_000}'>]>"


def urls(*paths: str, kind: str = "url") -> str:
    root = "urlset" if kind == "url" else "sitemapindex"
    inner = "".join(f"<{kind}><loc>{path}</loc></{kind}>" for path in paths)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{root}>'


def data() -> list[Case]:
    return [
    api("json-deep", "[" * 100_000),
    api("json-deep-objects", '{"a":' * 100_000 + "1" + "}" * 100_000),
    api("json-a-million-numbers", "[" + "0," * 1_000_000 + "0]"),
    api("json-a-million-objects", "[" + "{}," * 2_000_000 + "{}]"),
    api("json-a-long-number", '{"topic_list": ' + "9" * 1_000_000 + "}"),
    api("json-beyond-numbers", '{"topic_list": {"topics": [NaN, Infinity, -1e999]}}'),
    api("json-that-repeats-keys", "{" + ",".join('"a":1' for _ in range(100_000)) + "}"),
    api("json-half-a-character", json.dumps({"topic_list": {"topics": [TOPIC | {"slug": "\ud800", "title": "\udc00"}]}})),
    api("json-that-is-html", thread(post("bad"))),
    api("json-cut-off", '{"topic_list": {"topics": [{"id": 1, "sl'),
    api("json-of-other-types", '{"topic_list": {"topics": {"0": [], "1": {"id": {"id": []}}}}}'),
    api("json-a-long-text", '{"topic_list": "' + "x" * 7 * MIB + '"}'),
    api("json-in-utf-16", json.dumps({"topic_list": {"topics": [TOPIC]}}).encode("utf-16")),
    feed("feed-billion-laughs", rss(item("bad", "&lol9;"), head=LAUGHS)),
    feed("feed-external-entity", rss(item("bad", "&xxe;"), head=FILE)),
    feed("feed-quadratic", rss(item("bad", "&a;" * 50_000), head=SQUARE)),
    feed("feed-deep", rss("<a>" * 100_000)),
    feed("feed-20000-items", rss(*[item(f"x{n}") for n in range(20_000)])),
    feed("feed-a-long-text", rss(item("bad", "字" * 2_000_000))),
    feed("feed-deep-markup-within", rss(item("bad", "&lt;div&gt;" * 100_000))),
    feed("feed-wide-attributes", rss("<item " + " ".join(f"a{n}='1'" for n in range(100_000)) + "></item>")),
    feed("feed-control-characters", rss(item("bad", "a\x01\x02\x0bb"), item("ok")), posts=None),
    feed("feed-that-is-html", thread(post("bad"))),
    feed("feed-of-zeros", b"\0" * 4 * MIB),
    sitemap("sitemap-index-of-itself", {"*": http(urls("/sitemap.xml", "/", kind="sitemap"), "text/xml")}),
    sitemap("sitemap-bomb", {"*": http(gzip_bomb(), "application/gzip")}),
    sitemap("sitemap-small-bomb", {"*": http(gzip.compress(b"<urlset>" + b"<url/>" * 6_000_000), "application/gzip")}),
    sitemap("sitemap-of-300000", {"*": http(urls(*[f"/t{n}" for n in range(60_000)]), "text/xml")}, requests=70),
    sitemap("sitemap-billion-laughs", {"*": http(f'<?xml version="1.0"?>{LAUGHS}<urlset><url><loc>&lol9;</loc></url></urlset>', "text/xml")}),
    sitemap("schema-org-deep", {"*": http('<script type="application/ld+json">' + '{"@graph":[' * 50_000 + "</script>")}),
    sitemap("schema-org-in-a-circle", {"*": http("<div itemscope itemid=a itemref=b id=b><p itemprop=x itemscope itemref=b id=c></p></div>" * 2000)}),
    ]  # fmt: skip
