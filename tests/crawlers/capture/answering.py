"""A site whose answers come in every form that a page can have: chunked, compressed, redirected, missing, unchanged, over TLS."""

import gzip
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import brotli

PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><title>街坊</title><link rel="stylesheet" href="/style.css"></head>'
    '<body><h1>页面</h1><img src="/image.png"><p>' + "早餐摊的豆浆今天很香。" * 200 + "</p></body></html>"
).encode()
STYLE = b"h1 { color: rgb(1, 2, 3) }\n" * 50
IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
BODIES = {
    "/": gzip.compress(PAGE, mtime=0),
    "/style.css": brotli.compress(STYLE),
    "/image.png": IMAGE,
    "/missing": b"<h1>404</h1>",
    "/wall": "<h1>请先登录</h1>".encode(),
    "/moved": b"",
    "/empty": b"",
    "/etag": "<p>有标签的页</p>".encode(),
    "/same": "<p>没有标签的页</p>".encode(),
}
"""As they travel, content encoding included."""
_STATUS = {"/missing": 404, "/wall": 403, "/moved": 302}
_HEADERS = {
    "/": {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
    "/style.css": {"Content-Type": "text/css", "Content-Encoding": "br"},
    "/image.png": {"Content-Type": "image/png"},
    "/moved": {"Location": "/"},
    "/etag": {"Content-Type": "text/html; charset=utf-8", "ETag": '"v1"'},
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body, headers = BODIES.get(self.path, b"?"), _HEADERS.get(self.path, {"Content-Type": "text/html; charset=utf-8"})
        status = _STATUS.get(self.path, 200 if self.path in BODIES else 404)
        if self.path == "/etag" and self.headers.get("If-None-Match") == '"v1"':
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in headers and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "Transfer-Encoding" in headers:
            for start in range(0, len(body), 100):
                part = body[start : start + 100]
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            body = b"0\r\n\r\n"
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Answering:
    """The site on loopback; with a certificate and its key, over TLS."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
