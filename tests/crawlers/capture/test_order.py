"""The crawl stage keeps its folder of pages in order: the process itself, against a forum of our own."""

import re
import time
import urllib.request
from datetime import UTC, datetime, timedelta

from crawlers.warc import WarcFiles
from crawlers.warc.names import sealed
from tests.crawlers.conftest import published
from tests.crawlers.processes import Process, until
from tests.crawlers.warc.pages import page, records


def test_killed_and_old_files_are_put_in_order_at_the_start_and_the_account_is_exact(forum, settings):
    folder = settings.data / "warc"
    gone = WarcFiles(folder, "gone")
    old = folder / gone.keep(page(1), datetime.now(UTC) - timedelta(days=8)).file
    gone.close()
    torn = WarcFiles(folder, "demo")
    cut = folder / torn.keep(page(2), datetime.now(UTC)).file
    torn.close()
    cut.chmod(0o640)
    whole = cut.stat().st_size
    with cut.open("ab") as file:
        file.write(cut.read_bytes()[:200])  # as a kill in mid-write leaves it
    with Process("crawl", data=settings.data, HUMIAO_CRAWL__INTERVAL="1") as process:
        address = process.first_line().removeprefix("metrics ")
        until(lambda: len(published(settings)) >= 51, 60)

        def numbers() -> str:
            return urllib.request.urlopen(address).read().decode()

        def bytes_by_source() -> dict[str, int]:
            return {name: int(float(size)) for name, size in re.findall(r'humiao_warc_bytes\{source="(.+)"\} (\S+)', numbers())}

        def on_disk() -> dict[str, int]:
            sizes: dict[str, int] = {}
            for file in folder.iterdir():
                source = re.match(r"(.+)-\d{14}-", file.name)[1]
                sizes[source] = sizes.get(source, 0) + file.stat().st_size
            return sizes

        def exact() -> bool:
            before, told, after = on_disk(), bytes_by_source(), on_disk()
            return before == after and {source: size for source, size in told.items() if size} == before

        until(lambda: re.search(r'humiao_warc_records_total\{kind="revisit",source="demo"\} [1-9]', numbers()), 60)
        deadline = time.monotonic() + 20
        while not exact():  # true at any moment at which nothing is just being written
            assert time.monotonic() < deadline
        said = numbers()
        assert process.stop() < 10
    assert not old.exists()
    assert 'humiao_warc_files_deleted_total{reason="age"} 1.0' in said
    assert cut.stat().st_size == whole
    assert "humiao_warc_repaired_files_total 1.0" in said
    assert "humiao_warc_cut_bytes_total 200.0" in said
    for file in folder.iterdir():
        assert sealed(file.stat().st_mode)
        assert records(file)
