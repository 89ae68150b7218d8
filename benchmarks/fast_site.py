"""A forum that answers as fast as Python can, in a process of its own: ``python benchmarks/fast_site.py PORT HOSTS``.

Listens on 127.0.0.1, 127.0.0.2, … (HOSTS of them); every address is a site with endless threads of ten posts a page, each page
about 20 KB as a forum's are. ``/counts`` on the first address answers with requests by address and the time of the first and last.
"""

import asyncio
import ipaddress
import json
import sys
import time
from collections import Counter
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

PER_LIST, PER_THREAD, PAGES = 20, 10, 5
TALK = "周末图书馆有亲子读书会谁家孩子一起来三号楼的电梯又在修老人家先走西门菜场的荔枝新到了早餐摊的豆浆今天很香"
FRAME = "".join(
    f'<li class="menu-{n}"><a href="/help/{n}" title="栏目{n}"><span class="icon"></span>栏目{n}</a></li>' for n in range(60)
)
HEAD = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>街坊</title></head><body><header><ul>{FRAME}</ul></header>"


def address(number: int) -> str:
    """The address of site `number` (from 0)."""
    return str(ipaddress.IPv4Address("127.0.0.1") + number)


def listing(page: int, threads: int) -> str:
    first = (page - 1) * PER_LIST
    rows = "".join(
        f'<li class="row"><a href="/t/{n}">第{n}件事</a><i>2026-03-01 12:{n % 60:02}</i></li>'
        for n in range(first, min(first + PER_LIST, threads))
    )
    further = f'<a class="next" href="/?page={page + 1}">下页</a>' if first + PER_LIST < threads else ""
    return f"{HEAD}<ul>{rows}</ul>{further}</body></html>"


def thread(number: int, page: int) -> str:
    posts = "".join(
        f'<article id="p{number}-{page}-{n}"><b>街坊{n}</b><time>2026-03-01 {page % 24:02}:{n:02}</time>'
        f'<div class="body"><p>{number}楼{page}页{n}层：{TALK[n:]}{TALK[:n]}</p></div>'
        f'<div class="tools"><a href="/like">赞</a><a href="/reply">回复</a><a href="/share">分享</a></div></article>'
        for n in range(PER_THREAD)
    )
    further = f'<a class="next" href="/t/{number}?page={page + 1}">下页</a>' if page < PAGES else ""
    return f"{HEAD}<h1>第{number}件事</h1>{posts}{further}</body></html>"


class Site(asyncio.Protocol):
    counts: ClassVar[Counter[str]] = Counter()
    times: ClassVar[list[float]] = [0.0, 0.0]
    threads: ClassVar[int] = 10**6

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""
        self.host = transport.get_extra_info("sockname")[0]

    def data_received(self, data):
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            self.transport.write(self.answer(head.split(b" ", 2)[1].decode()))

    def answer(self, target: str) -> bytes:
        url = urlsplit(target)
        if url.path == "/counts":
            return made(200, json.dumps({"hosts": self.counts, "first": self.times[0], "last": self.times[1]}))
        if url.path == "/robots.txt":
            return made(404, "")
        if url.path == "/limit":
            Site.threads = int(url.query)
            Site.counts.clear()
            Site.times[:] = [0.0, 0.0]
            return made(200, "")
        Site.counts[self.host] += 1
        now = time.monotonic()
        Site.times[:] = [Site.times[0] or now, now]
        page = int(parse_qs(url.query).get("page", ["1"])[0])
        number = url.path.rpartition("/")[2]
        return made(200, thread(int(number), page) if number else listing(page, Site.threads))


def made(status: int, text: str) -> bytes:
    body = text.encode()
    return f"HTTP/1.1 {status} OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def main(port: int, hosts: int) -> None:
    loop = asyncio.get_running_loop()
    for number in range(hosts):
        await loop.create_server(Site, address(number), port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
