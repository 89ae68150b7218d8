"""`humiao sources new` as patrol staff use it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crawlers.source_reading import problems
from tests.crawlers.processes import PROGRAM, until
from tests.crawlers.proposal.measure import STATED
from tests.crawlers.proposal.serving import serve
from tests.crawlers.proposal.sites import SITES
from tests.crawlers.site import Site

ROOT = Path(__file__).parents[3]


def start(data: Path, *arguments: str) -> subprocess.Popen:
    (data / "sources").mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "sources", "new", *arguments, "--data", str(data)],
        env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def new(data: Path, *arguments: str, typed: str = "") -> tuple[int, str]:
    process = start(data, *arguments)
    out, err = process.communicate(typed, timeout=120)
    return process.returncode, out + err


def files(data: Path) -> list[str]:
    return sorted(file.name for file in (data / "sources").iterdir())


@pytest.fixture
def board():
    with serve(SITES["guestbook"]()) as site:
        yield site


def test_asks_for_what_only_a_person_knows_and_writes_after_a_yes(board, tmp_path):
    typed = "school\n育才小学\n育才小学总务处\n2026-03-01 书面同意\n0\n8\ndesk@example.org\n和平路\n25:00-26:00\n08:00-22:30\ny\n"
    code, said = new(tmp_path, f"{board.url}/gb.php", "--pause", "0.05", typed=typed)
    assert code == 0, said
    assert files(tmp_path) == ["school.yaml"]
    content = yaml.safe_load((tmp_path / "sources/school.yaml").read_text(encoding="utf-8"))
    assert (content["owner"], content["rate"], content["windows"]) == ("育才小学总务处", {"delay": 8}, ["08:00-22:30"])
    assert problems(tmp_path / "sources/school.yaml") == []
    assert "rate: Input should be greater than 0" in said
    assert "windows: '25:00-26:00' is no window" in said
    assert "谁运营这个网站（必填）who runs the site" in said


def test_shows_family_robots_file_and_five_posts_with_names_in_part(board, tmp_path):
    board.html("/robots.txt", "User-agent: *\nDisallow: /admin\nCrawl-delay: 0.1\n", Content_Type="text/plain")
    code, said = new(tmp_path, f"{board.url}/gb.php", "--name", "it", *STATED)
    assert code == 0, said
    assert "类型 family: html" in said
    assert "Crawl-delay 0.1 s" in said
    shown = [line for line in said.splitlines() if "＊＊" in line]
    assert len(shown) == 5
    assert not [line for line in shown for name in ("小鱼妈妈", "三年二班家长") if name in line]


def test_no_writes_nothing_and_an_interrupt_writes_nothing(board, tmp_path):
    answers = "it\n平台\n某某公司\n书面同意\n5\n\n\n\nn\n"
    assert new(tmp_path, f"{board.url}/gb.php", "--pause", "0.05", typed=answers)[0] == 1
    code, said = new(tmp_path, f"{board.url}/gb.php", "--pause", "0.05", typed="it\n")  # the terminal was closed
    assert (code, files(tmp_path)) == (130, []), said
    process = start(tmp_path, f"{board.url}/gb.php", "--pause", "30")
    asked = len(board.asked)
    until(lambda: len(board.asked) > asked)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, files(tmp_path)) == (130, []), out + err
    assert "没有写入" in err


def test_existing_file_is_kept_without_force(board, tmp_path):
    (tmp_path / "sources").mkdir(parents=True)
    (tmp_path / "sources/it.yaml").write_text("mine")
    code, said = new(tmp_path, f"{board.url}/gb.php", "--name", "it", *STATED)
    assert (code, (tmp_path / "sources/it.yaml").read_text()) == (2, "mine")
    assert "--force" in said
    assert new(tmp_path, f"{board.url}/gb.php", "--name", "it", "--force", *STATED)[0] == 0
    assert (tmp_path / "sources/it.yaml").read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("not an address", *STATED), "不是网址"),
        (("https://x.example/", "--yes"), "--owner, --permission, --delay or --per-minute"),
        (("https://x.example/", "--delay", "5", "--per-minute", "3"), "give only one of them"),
        (("ftp://x.example/", *STATED), "不是网址"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, arguments, said):
    code, printed = new(tmp_path, *arguments)
    assert code == 2
    assert said in printed.splitlines()[-1]


def empty(title: str, body: str) -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({"/": empty("登录", "<form action=/login><input name=u><input type=password name=p></form>请先登录后查看")}, "login_wall"),
        ({"/": empty("空", "")}, "页面是空的"),
        ({"/": empty("应用", "<div id=root></div><script src=/app.js></script>")}, "由脚本生成"),
        ({"/": empty("验证", "请完成安全验证<div id=geetest></div>")}, "captcha"),
        ({"/": empty("简介", "<p>本店主营文具，地址在和平路十二号，欢迎光临，电话见门口。营业到晚上八点。</p>")}, "没有认出帖子"),
        ({"/": empty("x", "x"), "/robots.txt": "User-agent: *\nDisallow: /\n"}, "robots.txt 不允许"),
    ],
)
def test_what_can_not_be_collected_is_said_with_what_to_do(tmp_path, pages, said):
    with Site() as site:
        for path, page in pages.items():
            site.html(path, page, Content_Type="text/plain" if path == "/robots.txt" else "text/html; charset=utf-8")
        code, printed = new(tmp_path, f"{site.url}/", "--name", "it", *STATED)
    assert code == 1
    assert said in printed
    assert "怎么办 what to do" in printed
    assert files(tmp_path) == []


def test_list_without_readable_threads_becomes_a_draft_with_the_next_step(tmp_path):
    with Site() as site:
        rows = "".join(
            f'<li class="t"><a class="subject" href="/thread/{n}">关于第{n}次集体春游安排的讨论</a></li>' for n in range(12, 30)
        )
        site.html("/", empty("论坛", f"<ul>{rows}</ul>"))
        for n in range(12, 30):
            site.html(f"/thread/{n}", empty("x", "<p>此处内容以图片显示</p>"))
        code, printed = new(tmp_path, f"{site.url}/", "--name", "it", *STATED)
    assert code == 1
    assert files(tmp_path) == ["it.yaml.draft"]
    draft = (tmp_path / "sources/it.yaml.draft").read_text(encoding="utf-8")
    assert "# TODO 手工填写 by hand: post:" in draft
    assert yaml.safe_load(draft)["selectors"]["list"]["link"].endswith("::attr(href)")
    assert "改名为" in printed


def test_unreachable_site_is_told(tmp_path):
    code, printed = new(tmp_path, "http://127.0.0.1:9/", "--name", "it", *STATED)
    assert code == 1
    assert "读不到 robots.txt" in printed or "打不开" in printed
