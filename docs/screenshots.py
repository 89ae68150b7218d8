"""Take the pictures of the docs from a demo run: ``python docs/screenshots.py DATA`` (the folder of a finished `humiao demo`)."""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main(data: str) -> None:
    """Queue and one alert page, as the demo's officer sees them."""
    command = [sys.executable, "-m", "humiao", "console", "--port", "0", "--data", data]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as console, sync_playwright() as playwright:
        assert console.stdout is not None
        address = console.stdout.readline().split()[1]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        page = browser.new_page(viewport={"width": 1366, "height": 900}, locale="zh-CN")
        page.goto(address)
        page.get_by_label("账号").fill("officer")
        page.get_by_label("密码").fill("officer-demo-2026")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-item]")
        page.screenshot(path=IMAGES / "queue.png")
        page.locator("[data-item]").first.click()
        page.wait_for_selector(".text mark")
        page.screenshot(path=IMAGES / "alert.png", full_page=True)
        browser.close()
        console.terminate()


if __name__ == "__main__":
    main(sys.argv[1])
