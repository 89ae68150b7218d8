"""Answers that break HTTP, or bend it."""

import asyncio
import socket
import struct

from tests.crawlers.hostile.cases import Case, again_and_again, board, http, page, post, raw, read, thread

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
GOOD = thread(post("bad")).encode()
METADATA = "http://169.254.169.254/latest/meta-data/"


async def _reset(writer: asyncio.StreamWriter, path: str) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _redirect(to: str) -> object:
    return http("", "text/html", "302 Found", f"Location: {to}")


async def _another(writer: asyncio.StreamWriter, path: str) -> None:
    number = int(path.partition("?")[2] or 0)
    await _redirect(f"/bad?{number + 1}")(writer, path)


def network() -> list[Case]:
    return [
    page("reset", _reset),
    page("silence", raw(b"")),
    page("half-a-head", raw(b"HTTP/1.1 200 OK\r\nContent-Ty")),
    page("http-0-9", raw(GOOD)),
    page("noise-for-status", raw(bytes(range(256)) * 4 + b"\r\n\r\n")),
    page("status-is-no-number", raw(b"HTTP/1.1 abc OK\r\n\r\n" + GOOD)),
    page("version-99", raw(b"HTTP/99.99999999 200 OK\r\nContent-Length: -1\r\n\r\n" + GOOD)),
    page("negative-length", raw(OK + b"Content-Length: -5\r\n\r\n" + GOOD)),
    page("length-too-long", raw(OK + b"Content-Length: 99999\r\n\r\n" + GOOD)),
    read("length-too-short", raw(OK + b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD + b"<article id=more>")),
    page("length-of-petabytes", raw(OK + b"Content-Length: 9000000000000000\r\n\r\n" + GOOD)),
    page("two-lengths", raw(OK + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n" + GOOD)),
    page("bad-chunk-size", raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD)),
    page("negative-chunk", raw(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + GOOD)),
    page("endless-chunk-extension", again_and_again(OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x" * 65536)),
    page("endless-trailer", again_and_again(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 5000)),
    page("unknown-transfer-encoding", raw(OK + b"Transfer-Encoding: rot13\r\n\r\n" + GOOD)),
    page("endless-headers", again_and_again(OK, b"".join(b"X-%d: y\r\n" % n for n in range(5000)))),
    page("endless-header-line", again_and_again(OK + b"X: ", b"y" * 65536)),
    page("endless-folded-header", again_and_again(OK + b"X: y\r\n", b" z\r\n" * 5000)),
    page("flood-of-1xx", again_and_again(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500)),
    read("early-hints", raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + OK + b"\r\n" + GOOD)),
    page("204-with-content", raw(b"HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\n\r\n" + GOOD)),
    page("205", http("", status="205 Reset Content")),
    page("206-not-asked-for", http(GOOD[:80], "text/html", "206 Partial Content", "Content-Range: bytes 0-79/9999"), posts=None),
    page("empty-200", http("")),
    page("status-999", http("denied", status="999 Denied"), posts=None),
    page("304-not-asked-for", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    read(
        "headers-that-poison-the-archive",
        raw(OK + b"WARC-Type: response\r\nX-A: a\rb\r\nX-B: \x00\xff\xfe\r\nX-C: WARC/1.1\\r\\n\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD),
    ),
    read("huge-cookies", http(GOOD, "text/html; charset=utf-8", "200 OK", *[f"Set-Cookie: c{n}={'x' * 4000}" for n in range(30)])),
    read("strict-transport-trick", http(GOOD, "text/html", "200 OK", "Strict-Transport-Security: max-age=99999999; includeSubDomains; preload")),
    page("redirect-to-itself", _redirect("/bad")),
    page("redirects-without-end", _another),
    Case("redirect-cycle", {"/": http(board("/bad", "/ok")), "/bad": _redirect("/b"), "/b": _redirect("/bad"), "/ok": http(thread(post("ok")))}),
    page("redirect-to-metadata", _redirect(METADATA)),
    page("redirect-to-ipv6-metadata", _redirect("http://[fd00:ec2::254]/latest/")),
    page("redirect-to-file", _redirect("file:///etc/passwd")),
    page("redirect-to-script", _redirect("javascript:alert(1)")),
    page("redirect-of-a-mebibyte", again_and_again(b"HTTP/1.1 302 Found\r\nLocation: /", b"x" * 65536, most=16)),
    page("redirect-with-password", _redirect("http://a:b@127.0.0.1/")),
    page("meta-refresh", http(f'<meta http-equiv=refresh content="0;url={METADATA}">'), posts=frozenset({"ok"})),
    page("refresh-header", http("", "text/html", "200 OK", f"Refresh: 0; url={METADATA}")),
    read("links-that-are-no-pages", http(thread(post("bad")) + "<a class=next href='javascript:alert(1)'></a>")),
    Case(
        "list-of-odd-links",
        {
            "/": http(board("javascript:x()", "data:text/html,x", "mailto:a@b.c", "//evil.example/t", "http://[::1", "/" + "x" * 9000, "/ok")),
            "/ok": http(thread(post("ok"))),
        },
    ),
    Case("base-elsewhere", {"/": http("<base href='http://169.254.169.254/'>" + board("/ok")), "/ok": http(thread(post("ok")))}, posts=frozenset()),
    ]  # fmt: skip


def slow() -> list[Case]:
    return [
    page("drip-of-a-body", again_and_again(OK + b"Content-Length: 9999\r\n\r\n", b"<", 0.7)),
    page("drip-of-a-head", again_and_again(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.7)),
    page("drip-of-chunks", again_and_again(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n<\r\n", 0.7)),
    page("drip-of-1xx", again_and_again(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.7)),
    page("never-an-answer", again_and_again(b"", b"", 0.7)),
    page("a-river-without-end", again_and_again(OK + b"\r\n", b"<p>x" * 16384)),
    Case("slow-redirects", {"/": http(board("/bad", "/ok")), "/ok": http(thread(post("ok"))), "*": again_and_again(b"", b"HTTP/1.1 102 P\r\n\r\n", 0.7)}),
    Case("slow-rules", {"/robots.txt": again_and_again(OK + b"\r\n", b"#", 0.7), "*": http(board("/ok"))}, posts=frozenset(), state="unreachable"),
    Case("river-of-rules", {"/robots.txt": again_and_again(OK + b"\r\n", b"Disallow: /x\n" * 5000), "/": http(board("/ok")), "/ok": http(thread(post("ok")))}),
    ]  # fmt: skip
