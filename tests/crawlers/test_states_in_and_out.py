"""Every state of a source, entered and left again by the real stage, as the store tells it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.evidence import in_chinese
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from humiao.source_status import SOURCE_NOTES, SourceStatus, State
from humiao.store import open_store
from tests.crawlers.processes import Process, until
from tests.crawlers.site import Site
from tests.crawlers.test_states import board, crawl, post, settings_zone, thread, write_source

PATIENCE = 60
THREADS = [f"t{n}" for n in range(8)]


class Watched:
    """A running stage, its one site, and what the store tells of it."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self.settings, self.site = settings, site
        self.activity = 1

    def fine(self, posts: int = 5) -> None:
        """The site as it should be, with something new."""
        self.activity += 1
        self.site.html("/robots.txt", "User-agent: *\nAllow: /\n")
        self.newest = {f"{name}-{n}-{self.activity}" for name in THREADS for n in range(posts)}
        for name in THREADS:
            self.site.html(f"/{name}", thread(*[post(f"{name}-{n}-{self.activity}") for n in range(posts)]))
        self.site.html("/", board(*THREADS, activity=str(self.activity)))

    def all_came(self) -> bool:
        """Whether all of what `fine` added is in the log; the state alone comes with the first of it, or stays from before."""
        with open_log(self.settings) as log:
            return self.newest <= {Post.model_validate_json(message.value).native_id for message in log.read(POSTS)}

    def status(self) -> SourceStatus | None:
        with open_store(self.settings) as store:
            note = store.note(SOURCE_NOTES, "one")
        return SourceStatus.model_validate_json(note.value) if note else None

    def becomes(self, state: State) -> SourceStatus:
        found: list[SourceStatus] = []

        def reached() -> bool:
            status = self.status()
            if status and status.now and status.now.state == state:
                found.append(status)
            return bool(found)

        until(reached, PATIENCE)
        return found[0]

    def published(self) -> int:
        with open_log(self.settings) as log:
            return sum(1 for _ in log.read(POSTS))


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    settings = Settings(data=tmp_path_factory.mktemp("states"))
    with Site() as site:
        site.html("/robots.txt", "User-agent: *\nAllow: /\n")
        site.html("/", "<ul></ul>")
        write_source(settings, start=[site.url + "/"], recheck=0)
        with Process("crawl", data=settings.data, HUMIAO_CRAWL__INTERVAL="1") as process:
            one = Watched(settings, site)
            one.process = process
            yield one
            assert process.stop() < 6


@pytest.fixture
def running(watched):
    """The stage reads a site that is as it should be."""
    watched.fine()
    watched.becomes(State.RUNNING)
    until(watched.all_came, PATIENCE)
    return watched


@pytest.mark.slow
def test_quiet_until_the_first_post_comes(watched):
    quiet = watched.becomes(State.QUIET)
    assert (quiet.now.evidence, quiet.now.evidence_zh) == ("no post yet", "还没有采到帖子")
    watched.fine()
    status = watched.becomes(State.RUNNING)
    assert status.history[0].state == State.QUIET
    assert status.posts_day == 40
    assert status.crawler


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "status", "headers", "body", "evidence"),
    [
        (State.LOGIN_WALL, 200, {}, '<form id="login">请先登录</form>', "请先登录"),
        (State.CAPTCHA, 200, {}, "<p>请输入图中验证码</p>", "请输入图中验证码"),
        (State.BLOCKED, 403, {}, "<p>拒绝访问</p>", "返回 HTTP 403：拒绝访问"),
        (State.THROTTLED, 429, {"Retry_After": "1"}, "<p>slow down</p>", "429"),
    ],
)
def test_a_wall_is_a_state_until_it_is_gone(running, state, status, headers, body, evidence):
    before = running.published()
    walled = ["/", *(f"/{name}" for name in THREADS)]
    for path in walled[:1] if state == State.THROTTLED else walled:  # after five 429s in a row a host rests for a minute
        running.site.html(path, body, status=status, **headers)
    told = running.becomes(state)
    assert evidence in told.now.evidence_zh
    assert told.history[0].state == State.RUNNING
    assert running.published() == before
    running.fine()
    assert running.becomes(State.RUNNING).history[0].state == state


@pytest.mark.slow
def test_threads_of_another_layout_are_not_published_until_they_are_mended(running):
    before = running.published()
    running.activity += 1
    running.site.html("/", board(*THREADS, activity=str(running.activity)))
    for name in THREADS:
        running.site.html(f"/{name}", thread(*[post(f"{name}-{n}-new", author="") for n in range(5)]))
    told = running.becomes(State.LAYOUT_CHANGED)
    assert "“作者”：5 处只有 0 处读到" in told.now.evidence_zh
    assert running.published() == before
    running.fine()
    assert running.becomes(State.RUNNING).history[0].state == State.LAYOUT_CHANGED


@pytest.mark.slow
@pytest.mark.parametrize("body", ["<div class=new>今天的主题</div>", None], ids=["no threads", "no activity"])
def test_a_list_of_another_layout_is_noticed_within_two_fetches_too(running, body):
    until(lambda: running.status().visited_at > datetime.now(UTC) - timedelta(seconds=1), PATIENCE)
    asked = len(running.site.asked)
    running.site.html("/", body or board(*THREADS, activity=""))
    told = running.becomes(State.LAYOUT_CHANGED)
    assert running.site.asked[asked:].count("/") <= 3  # two, and one that may have been under way
    assert ("列表里的主题" if body else "列表里的最后回复") in told.now.evidence_zh
    running.fine()
    assert running.becomes(State.RUNNING).history[0].state == State.LAYOUT_CHANGED


@pytest.mark.slow
def test_a_pause_ends_the_visit_within_seconds_and_lasts_until_a_person_resumes(running):
    release: list[float] = []

    def slow():  # a visit in the middle of a page when the pause comes
        deadline = time.monotonic() + 8
        while not release and time.monotonic() < deadline:
            time.sleep(0.05)
        return 200, {}, board(*THREADS, activity="slow").encode()

    running.site.pages["/"] = slow
    until(lambda: running.site.asked[-1] == "/", PATIENCE)
    began = time.monotonic()
    with Process("sources", "pause", "one", "--reason", "站方要求", data=running.settings.data) as process:
        assert process.wait() == 0, process.err
    told = running.becomes(State.PAUSED)
    assert time.monotonic() - began < 15
    assert told.now.evidence_zh.endswith(" 暂停：站方要求")
    release.append(1)
    asked = len(running.site.asked)
    until(lambda: any('"ended": "paused"' in line for line in running.process.err), PATIENCE)
    running.fine()
    with Process("sources", "states", data=running.settings.data) as process:  # some seconds in which nothing is asked
        process.wait()
    assert len(running.site.asked) == asked
    assert "已暂停 (paused)" in process.out[0]
    with Process("sources", "resume", "one", data=running.settings.data) as process:
        assert process.wait() == 0, process.err
    assert running.becomes(State.RUNNING).history[0].state == State.PAUSED


@pytest.fixture
def site():
    with Site() as running:
        yield running


def once(settings: Settings) -> SourceStatus:
    crawl(settings)
    with open_store(settings) as store:
        return SourceStatus.model_validate_json(store.note(SOURCE_NOTES, "one").value)


@pytest.mark.slow
def test_what_robots_forbid_is_a_state_until_they_allow_it(settings, site):
    write_source(settings, start=[site.url + "/"])
    site.html("/", board("t1"))
    site.html("/t1", thread(post("a")))
    site.html("/robots.txt", "User-agent: *\nDisallow: /\n")
    told = once(settings)
    assert (told.now.state, told.now.evidence_zh) == (State.ROBOTS_FORBIDDEN, "robots.txt 不允许采集起始页")
    site.html("/robots.txt", "User-agent: *\nAllow: /\n")
    told = once(settings)
    assert [told.now.state, told.history[0].state] == [State.RUNNING, State.ROBOTS_FORBIDDEN]


@pytest.mark.slow
def test_a_site_that_hangs_up_is_unreachable_until_it_answers(settings, site):
    def hang_up():
        raise ConnectionAbortedError("no answer")

    write_source(settings, start=[site.url + "/"])
    site.html("/robots.txt", "User-agent: *\nAllow: /\n")
    site.pages["/"] = hang_up
    told = once(settings)
    assert told.now.state == State.UNREACHABLE
    assert told.now.evidence
    site.html("/", board("t1"))
    site.html("/t1", thread(post("a")))
    told = once(settings)
    assert [told.now.state, told.history[0].state] == [State.RUNNING, State.UNREACHABLE]


@pytest.mark.slow
def test_a_closed_window_is_a_state_until_it_opens(settings, site):
    here = datetime.now(UTC).astimezone(settings_zone())
    site.html("/", board("t1"))
    site.html("/t1", thread(post("a")))
    write_source(settings, start=[site.url + "/"], windows=[f"{here + timedelta(hours=2):%H:%M}-{here + timedelta(hours=3):%H:%M}"])
    told = once(settings)
    assert (told.now.state, told.now.evidence_zh) == (State.WINDOW_CLOSED, "来源文件约定的采集时段已过")
    assert told.next_at > datetime.now(UTC) + timedelta(hours=1)
    write_source(settings, start=[site.url + "/"], windows=[f"{here - timedelta(hours=1):%H:%M}-{here + timedelta(hours=1):%H:%M}"])
    told = once(settings)
    assert [told.now.state, told.history[0].state] == [State.RUNNING, State.WINDOW_CLOSED]


def test_a_pause_without_a_reason_or_of_an_unknown_source_is_one_clear_line(settings):
    write_source(settings, start=["http://one.example/"])
    with Process("sources", "pause", "one", "--reason", " ", data=settings.data) as process:
        assert process.wait() == 2
    assert "say why one is paused" in "".join(process.err)
    with Process("sources", "pause", "two", "--reason", "x", data=settings.data) as process:
        assert process.wait() == 2
    assert "has no source 'two'" in "".join(process.err)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("12 new posts, 3 pages", "新帖 12 条，读了 3 页"),
        ("no new post since 2026-01-03 20:00 UTC", "2026-01-04 04:00 之后没有新帖"),
        ("author: found in 0 of 9, usually in 100%", "“作者”：9 处只有 0 处读到，平时为 100%"),
        ("paused by ops1: 网站维护", "由 ops1 暂停：网站维护"),
        ("DownloadTimeoutError: took 25 s", "连接超时（took 25 s）"),
        ("您的访问被拦截", "您的访问被拦截"),
    ],
)
def test_evidence_is_told_in_chinese_and_a_site_s_own_words_stay(evidence, said):
    assert in_chinese(evidence) == said
