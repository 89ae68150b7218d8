"""A source that went from one process to another, which refers to pages that the first one keeps."""

from dataclasses import replace

from crawlers.warc import Archive, WarcFiles, Window
from tests.crawlers.warc.pages import DAY, HOUR, NOW, PAGE, page

UNCHANGED = replace(PAGE, status=304, body=b"")


def test_page_in_the_hand_of_another_process_stays_as_long_as_it_is_referred_to(tmp_path):
    window = Window(keep=7 * DAY, file_age=4 * DAY)
    one, other = WarcFiles(tmp_path, "demo", window=window), WarcFiles(tmp_path, "demo", window=window)
    original = one.keep(PAGE, NOW)
    other.revisit(UNCHANGED, original, NOW + 3 * DAY)
    one.keep(page(2), NOW + 3 * DAY + HOUR)  # writing on must not forget what the other one noted
    one.close()
    other.close()
    kept = Archive(tmp_path, window, 1 << 40)
    kept.sweep(NOW + 14 * DAY - HOUR)
    assert len(list(tmp_path.iterdir())) == 2
    kept.sweep(NOW + 14 * DAY + 2 * HOUR)
    assert not list(tmp_path.iterdir())
