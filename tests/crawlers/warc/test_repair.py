import os

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from crawlers.warc import Archive, WarcFiles, Window, read_capture
from crawlers.warc.names import sealed
from crawlers.warc.repair import repair
from tests.crawlers.warc.pages import DAY, NOW, on_disk, page, records


def written(folder, pages: int = 4) -> tuple[bytes, list]:
    """A file as a living process has written it, and where its pages lie."""
    files = WarcFiles(folder, "demo")
    captures = [files.keep(page(number), NOW) for number in range(pages)]
    content = (folder / captures[0].file).read_bytes()
    files.close()
    (folder / captures[0].file).unlink()
    return content, captures


def test_file_cut_anywhere_is_whole_to_its_last_record(tmp_path):
    content, captures = written(tmp_path)
    file = tmp_path / captures[0].file
    for length in range(len(content) + 1):
        file.write_bytes(content[:length])
        whole = repair(file)
        assert whole <= length
        assert file.exists() == bool(whole)
        if not whole:
            continue
        assert sealed(file.stat().st_mode)
        assert file.stat().st_size == whole
        kept = [one for one in captures if one.offset + one.length <= length]
        assert len([kind for kind, _, _ in records(file) if kind == "metadata"]) == len(kept)
        assert all(read_capture(tmp_path, one) for one in kept)
        file.unlink()


@settings(max_examples=60, deadline=None)
@given(tail=st.binary(min_size=1, max_size=200))
def test_garbage_at_the_end_is_removed(tmp_path_factory, tail):
    folder = tmp_path_factory.mktemp("warc")
    content, captures = written(folder, 2)
    file = folder / captures[0].file
    file.write_bytes(content + tail)
    assert repair(file) == len(content)
    assert file.read_bytes() == content


def test_zeros_left_by_a_power_cut_are_removed(tmp_path):
    content, captures = written(tmp_path)
    file = tmp_path / captures[0].file
    file.write_bytes(content[:-100] + bytes(100_000))
    repair(file)
    assert len(records(file)) == 1 + 3 * 3 + 2  # the last page's response and request are whole, its circumstances are not


def test_repair_is_counted_and_finished_files_are_not_read_again(tmp_path):
    content, captures = written(tmp_path)
    file = tmp_path / captures[0].file
    file.write_bytes(content + b"half a record")
    before = [REGISTRY.get_sample_value(name) or 0 for name in ("humiao_warc_repaired_files_total", "humiao_warc_cut_bytes_total")]
    archive = Archive(tmp_path, Window(), 1 << 40)
    archive.sweep(NOW)
    after = [REGISTRY.get_sample_value(name) for name in ("humiao_warc_repaired_files_total", "humiao_warc_cut_bytes_total")]
    assert after == [before[0] + 1, before[1] + 13]
    assert archive.use.total() == on_disk(tmp_path) == len(content)
    read = file.stat().st_atime_ns
    archive.sweep(NOW + DAY)
    assert file.stat().st_atime_ns == read


def test_file_of_a_living_process_is_not_touched(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    file = tmp_path / files.keep(page(1), NOW).file
    os.truncate(file, file.stat().st_size - 5)
    size = file.stat().st_size
    assert repair(file) is None
    assert file.stat().st_size == size
    assert not sealed(file.stat().st_mode)
