"""The console as a patrol officer meets it: a real process, a real browser, mostly the keyboard."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alerting.console.accounts import ensure_demo_accounts
from humiao.alert import Alert, Status
from humiao.settings import Settings
from humiao.store import open_store
from tests.alerting.console.samples import seed

pytestmark = pytest.mark.browser
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def alerts(settings: Settings) -> list[Alert]:
    """A store after a busy day."""
    now = datetime.now(UTC)
    with open_store(settings) as store:
        filed = seed(store, settings.data, now)
        ensure_demo_accounts(store, now)
    return filed


@pytest.fixture
def address(settings: Settings, alerts: list[Alert]) -> Iterator[str]:
    """A running console on that store."""
    command = [sys.executable, "-m", "humiao", "console", "--port", "0", "--data", str(settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0


@pytest.fixture
def web(chromium: str):
    """A browser; when done, nothing was complained about and nothing was asked of another machine."""
    from playwright.sync_api import sync_playwright

    complaints, asked = [], set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)

        def open_page(width: int = 1366, height: int = 768, **options):
            page = browser.new_context(viewport={"width": width, "height": height}, **({"locale": "zh-CN"} | options)).new_page()
            page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
            return page

        yield open_page
        browser.close()
    assert complaints == []
    assert asked <= {"127.0.0.1"}


def sign_in(page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_label("账号").fill(name)
    page.keyboard.press("Tab")
    page.keyboard.type(f"{name}-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(alerts|operations)$"))


def test_an_officer_confirms_the_most_urgent_alert_by_keyboard(web, address, alerts, settings, tmp_path: Path):
    page = web()
    sign_in(page, address, "officer")
    page.screenshot(path=tmp_path / "queue.png")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-item]").first
    assert first.evaluate("item => item === document.activeElement")
    target = first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    assert page.locator(".text mark").count() >= 1
    page.screenshot(path=tmp_path / "alert.png", full_page=True)

    page.keyboard.press("d")  # no reason yet: leads to the reason, and Enter there decides nothing
    page.keyboard.type("已电话联系派出所")
    page.keyboard.press("Enter")
    assert page.locator("[data-key=d]").evaluate("button => button === document.activeElement")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.wait_for_selector(".decided")
    page.screenshot(path=tmp_path / "decided.png")
    with open_store(settings) as store:
        held = store.alert(target.rsplit("/", 1)[1]).value
        assert (held.status, held.decided_by) == (Status.CONFIRMED, "officer")
        assert store.events(held.id)[-1].data["reason"] == "已电话联系派出所"
    page.keyboard.press("n")
    page.wait_for_function("path => location.pathname.startsWith('/alerts/') && location.pathname !== path", arg=target)
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("queue.png", "alert.png", "decided.png"))


@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark"}, {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}]
)
def test_no_page_is_wider_than_its_screen(web, address, alerts, options, tmp_path: Path):
    page = web(**options)
    sign_in(page, address, "supervisor")
    worst = max(alerts, key=lambda alert: alert.post_count)
    for path in ("/alerts", f"/alerts/{worst.id}", f"/alerts/{alerts[4].id}", "/search?q=学生", "/operations"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator("h1").count() == 1


def test_everything_works_without_script(web, address, alerts, settings):
    page = web(java_script_enabled=False)
    sign_in(page, address, "officer")
    page.locator("[data-item]").first.click()
    page.get_by_label("理由").fill("误报")
    page.get_by_label("理由").press("Enter")  # no button was pressed, so nothing is decided
    assert page.locator("[data-decide]").count() == 1
    page.get_by_role("button", name="排除").click()
    page.wait_for_selector(".decided")
    assert "误报" in page.locator(".reason").inner_text()


def test_hostile_posts_run_nothing(web, address, alerts):
    page = web()
    shown = []
    page.on("dialog", lambda dialog: (shown.append(dialog.message), dialog.dismiss()))
    sign_in(page, address, "officer")
    page.goto(f"{address}/alerts/{alerts[4].id}")
    assert "<script>alert(1)</script>" in page.locator("main").inner_text()
    assert page.locator(".text img, .text script").count() == 0
    assert shown == []


def test_text_can_be_read_by_everyone(web, address, alerts):
    """Contrast of at least 4.5 between every text and what lies behind it, light and dark (WCAG 2.2, 1.4.3)."""
    for scheme in ("light", "dark"):
        page = web(color_scheme=scheme)
        sign_in(page, address, "supervisor")
        for path in ("/alerts?status=all", f"/alerts/{alerts[5].id}", "/search?q=学生", "/operations"):
            page.goto(address + path)
            assert page.evaluate(FAINT) == [], (scheme, path)


FAINT = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > .99) return c; } return [255, 255, 255, 1]; };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest("kbd, option, .hide, .skip")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.add(`${e.className || e.tagName}: ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return [...faint];
}"""
