"""A DNS server on loopback that says whatever the test wants, another thing each time if need be."""

import ipaddress
import socket
import struct
import threading
from collections.abc import Callable
from typing import Self

A, AAAA, ALL = 1, 28, 255
PROGRAM = """
import sys
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import reactor
from twisted.names.client import Resolver
reactor.installResolver(Resolver(servers=[("127.0.0.1", int(sys.argv.pop(1)))], timeout=(1, 2)))
"""
"""Put before a command's program: this process then asks the server, through Twisted's own resolver."""


class LyingDns:
    """`answer(name, number)`: the addresses for the `number`-th question about `name`; none = there is no such name."""

    def __init__(self, answer: Callable[[str, int], list[str]]) -> None:
        self._answer = answer
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                question, asker = self._socket.recvfrom(2048)
            except OSError:
                return
            self._socket.sendto(self._reply(question), asker)

    def _reply(self, question: bytes) -> bytes:
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
        name = ".".join(labels).lower()
        if kind in (A, ALL):
            self.asked.append(name)
        addresses = [ipaddress.ip_address(one) for one in self._answer(name, len(self.asked))]
        typed = [(A if one.version == 4 else AAAA, one.packed) for one in addresses]
        fitting = [(number, packed) for number, packed in typed if kind in (number, ALL)]
        records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", number, 1, 0, len(packed)) + packed for number, packed in fitting)
        head = question[:2] + struct.pack(">HHHHH", 0x8180 if addresses else 0x8183, 1, len(fitting), 0, 0)
        return head + question[12 : at + 5] + records

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
