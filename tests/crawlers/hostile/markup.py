"""HTML that is built to be expensive, and text that is built to deceive."""

from tests.crawlers.hostile.cases import Case, board, http, page, post, read, thread

MIB = 1 << 20
GOOD = post("bad")
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def huge(name: str, body: str | bytes) -> Case:
    """What is published of it does not matter, as long as it ends."""
    return page(name, http(body), posts=None)


def markup() -> list[Case]:
    return [
    huge("deep-100000", "<h1>题</h1>" + "<div>" * 100_000 + GOOD),
    huge("deep-and-closed", "<b>" * 100_000 + GOOD + "</b>" * 100_000),
    huge("deep-formatting", "<b><i><p><a href=x>" * 30_000 + GOOD),
    huge("deep-tables", "<table><tr><td>" * 60_000 + GOOD),
    huge("deep-lists", "<ul><li>" * 70_000 + GOOD),
    huge("deep-post", "<article id=bad><b>x</b><time>2026-1-3 12:00</time><p>" + "<span>" * 50_000 + "x" + "</span>" * 50_000),
    huge("a-million-elements", "<i>" * 1_000_000 + GOOD),
    huge("a-million-empty-paragraphs", "<p>" * 1_000_000 + GOOD),
    huge("a-million-breaks", thread(post("bad", "<br>" * 1_000_000))),
    huge("attribute-of-5-mib", f"<div title='{'x' * 5 * MIB}'></div>" + thread(GOOD)),
    huge("attributes-100000", "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + thread(GOOD)),
    huge("attributes-behind-a-script", '<script>"<a b="</script><div ' + " ".join(f"a{n}='>'" for n in range(100_000)) + ">" + thread(GOOD)),
    huge("attributes-behind-a-quote", "<a b='\"<div " + " ".join(f"a{n}" for n in range(100_000)) + ">" + thread(GOOD)),
    huge("attributes-of-an-end-tag", "</p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + thread(GOOD)),
    huge("one-attribute-a-million-times", "<div " + "a=1 " * 1_000_000 + ">" + thread(GOOD)),
    huge("posts-100000", thread(*[post(f"x{n}") for n in range(30_000)])),
    huge("posts-2500", thread(*[post(f"x{n}") for n in range(2500)])),
    huge("posts-within-posts", "<article id=a><b>x</b><time>2026-1-3 12:00</time><p>x</p>" * 2000),
    huge("entities-without-end", thread(post("bad", "&amp;" * 1_000_000))),
    huge("entities-that-do-not-exist", thread(post("bad", "&lol9;" * 500_000))),
    huge("doctype-with-entities", '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + thread(post("bad", "&b;" * 100_000))),
    huge("comment-without-end", "<!--" + "x" * 5 * MIB + thread(GOOD)),
    huge("comments-100000", "<!-- x -->" * 100_000 + thread(GOOD)),
    huge("script-of-5-mib", "<script>" + "a<b;" * MIB + "</script>" + thread(GOOD)),
    huge("script-without-end", "<script>" * 100_000 + thread(GOOD)),
    huge("angle-brackets", "<" * 140_000 + thread(GOOD)),
    huge("text-of-5-mib", thread(post("bad", "字" * 1_600_000))),
    huge("blanks-of-5-mib", thread(post("bad", " " * 5 * MIB + "x"))),
    huge("time-of-a-mebibyte", thread(post("bad", time="1" * MIB))),
    huge("time-of-numerals", thread(post("bad", time="二十" * 300_000))),
    huge("time-of-blanks", thread(post("bad", time="1 " * 500_000 + "小时前"))),
    huge("time-of-many-dates", thread(post("bad", time="2026-1-3 " * 100_000))),
    huge("times-of-a-mebibyte", thread(*[post(f"x{n}", time="3 小时 " * 9000) for n in range(40)])),
    huge("title-of-3-mib", thread(GOOD, title="题" * MIB)),
    huge("author-of-a-mebibyte", thread(post("bad", author="名" * 300_000))),
    huge("id-of-a-mebibyte", thread(post("x" * MIB))),
    huge("year-zero", thread(post("bad", time="0000-00-00 00:00"))),
    huge("year-far-ahead", thread(post("bad", time="9999-12-31 23:59"))),
    ]  # fmt: skip


def text() -> list[Case]:
    return [
    read("script-in-the-title", http(thread(GOOD, title=EVIL.replace("<", "&lt;"))), title=EVIL),
    read("script-in-the-author", http(thread(post("bad", author=EVIL.replace("<", "&lt;")))), author=EVIL),
    read("script-in-the-text", http(thread(post("bad", f"hello{EVIL} world"))), text="hello world"),
    read("style-and-template-in-the-text", http(thread(post("bad", "a<style>p{}</style><template>x</template>b"))), text="ab"),
    read("post-that-speaks-of-walls", http(thread(post("bad", "请先登录，请输入验证码，您的访问过于频繁，403 forbidden"))), text="请先登录，请输入验证码，您的访问过于频繁，403 forbidden"),
    read("nul-in-the-text", http(thread(post("bad", "a\0b")).encode()), text="ab"),
    read("direction-marks-and-unseen-letters", http(thread(post("bad", author="\u202eniмda\u200b\u2066x"))), author="\u202eniмda\u200b\u2066x"),
    read("letters-beyond-the-first-plane", http(thread(post("bad", "𠮷野家😀"))), text="𠮷野家😀"),
    read("combining-without-end", http(thread(post("bad", "x" + "\u0301" * 5000)))),
    read("gbk-that-claims-utf-8", http(b"<h1>t</h1>" + post("bad", "你好吗朋友们").encode("gb18030"), "text/html; charset=utf-8")),
    read("utf-8-that-claims-gbk", http(thread(post("bad", "你好")), "text/html; charset=gbk")),
    read("two-encodings-on-a-page", http(post("bad", "你好").encode() + "<p>你好</p>".encode("gbk"), "text/html; charset=utf-8"), text="你好"),
    read("bytes-that-are-no-utf-8", http(thread(post("bad", "a")).encode().replace(b"<p>a", b"<p>a\xff\xfe\xc0\x80b")), text="a\ufffd\ufffd\ufffd\ufffdb"),
    page("utf-7", http(b"<meta charset=utf-7>" + thread(post("bad", "+ADw-script+AD4-")).encode(), "text/html; charset=utf-7"), posts=None),
    page("utf-16-without-a-mark", http(thread(GOOD).encode("utf-16-le"), "text/html"), posts=None),
    read("utf-16-with-a-mark", http(thread(GOOD).replace("<meta charset=utf-8>", "").encode("utf-16"), "text/html"), text="一句话"),
    page("charset-that-does-not-exist", http(thread(GOOD), "text/html; charset=klingon"), posts=frozenset({"bad", "ok"})),
    page("charset-that-is-a-codec", http(thread(GOOD), "text/html; charset=rot13"), posts=None),
    page("charset-that-unpacks", http(thread(GOOD), "text/html; charset=zlib"), posts=None),
    read("half-a-character", http(thread(post("bad", "a&#xD800;&#xDFFF;&#0;&#x110000;b")))),
    page("ids-that-repeat", http(thread(*[post("bad", f"nr {n}") for n in range(500)])), posts=frozenset({"bad", "ok"}), text={"text": "nr 0"}),
    page(
        "quotes-in-a-circle", http(thread(post("a", more="<q>b</q>"), post("b", more="<q>a</q>"), post("c", more="<q>c</q>"))), posts=frozenset("abc") | {"ok"},
    ),
    page("some-posts-that-can-not-be", http(thread(post("", "x"), post("y", ""), post("z", time="neulich"), GOOD)), posts=frozenset({"bad", "ok"})),
    page("no-page-at-all", http(" \n\t ")),
    Case("list-of-nothing", {"*": http("")}, posts=frozenset()),
    Case("list-of-noise", {"/": http(bytes(range(256)) * 20_000), "*": http("x")}, posts=frozenset()),
    Case("list-of-20000-threads", {"/": http(board(*[f"/t{n}" for n in range(6000)], "/ok")), "*": http(thread(post("ok")))}, posts=None, requests=40,
         source={"visit_threads": 30}),
    ]  # fmt: skip
