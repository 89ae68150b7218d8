"""Names that lead into the own network, by the real crawl process, whose name server lies."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.states import State
from tests.crawlers.conftest import published
from tests.crawlers.polite.lying_dns import PROGRAM as ASK_THE_LIAR
from tests.crawlers.polite.lying_dns import LyingDns
from tests.crawlers.polite.watched import Watched, board, states, thread, write_source
from tests.crawlers.processes import PROGRAM


def crawl(settings, dns: LyingDns) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-c", ASK_THE_LIAR + PROGRAM, str(dns.port), "crawl", "--once", "--data", str(settings.data)],
        env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        | {"HUMIAO_CRAWL__METRICS_PORT": "0", "HUMIAO_LOG_FORMAT": "json"},
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[3], check=False,
    )  # fmt: skip
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


@pytest.fixture
def inside():
    """Something in the own network that no crawler may touch."""
    with Watched("127.0.0.1") as running:
        running.pages = {"/": board("/t1"), "/t1": thread("secret")}
        yield running


INNER = [
    "127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "10.0.0.1", "0.0.0.0", "169.254.169.254", "fe80::1",
    "fd00:ec2::254", "192.168.1.1", "100.64.0.1",
]  # fmt: skip


def test_a_public_name_that_leads_inside_is_never_connected_to(inside, settings):
    for number in range(len(INNER)):
        write_source(settings, f"s{number}", start=[f"http://n{number}.example.cn:{inside.port}/"])
    with LyingDns(lambda name, number: [INNER[int(name.split(".")[0][1:])]]) as dns:
        lines = crawl(settings, dns)
    assert len(set(dns.asked)) == len(INNER)
    assert inside.connections == 0
    assert {name: state for name, (state, _) in states(lines).items()} == {f"s{n}": State.UNREACHABLE for n in range(len(INNER))}
    refused = {line["address"] for line in lines if line["event"].startswith("address refused")}
    assert {"127.0.0.1", "10.0.0.1", "169.254.169.254"} <= refused


def test_a_name_that_changes_its_mind_is_followed_only_where_it_was_checked(inside, settings):
    """Rebinding: the name is the site at one question and the inner service at the next, while the visit goes on."""
    with Watched("127.0.0.7", inside.port) as site:
        site.pages = {"/": board(*[f"/t{n}" for n in range(12)])} | {f"/t{n}": thread(f"a{n}") for n in range(12)}
        site.pages["/robots.txt"] = ""
        start = f"http://bbs.example.cn:{inside.port}/"
        write_source(settings, start=[start], hosts=["127.0.0.7"], visit_requests=100)  # the site's own address is named
        with LyingDns(lambda name, number: ["127.0.0.7"] if number % 3 else ["127.0.0.1"]) as dns:
            lines = crawl(settings, dns)
        assert len(dns.asked) >= 5
        assert inside.connections == 0
        assert any(line["event"].startswith("address refused") for line in lines)
        assert {post.native_id for post in published(settings)} >= {"a0", "a1"}
        assert not {post.native_id for post in published(settings)} & {"secret"}


def test_a_name_that_does_not_exist_is_unreachable(settings):
    write_source(settings, start=["http://nowhere.example.cn/"])
    with LyingDns(lambda name, number: []) as dns:
        assert states(crawl(settings, dns))["one"][0] == State.UNREACHABLE
