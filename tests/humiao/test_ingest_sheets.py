"""Sheets and ZIP files through the command, as a clerk meets it: the guess first, then the rows, and every row accounted for."""

import re
import shlex
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from humiao.blobs import Blobs
from humiao.ingest import ingest
from humiao.intake.how import HowToRead
from humiao.intake.mapping import parse_map
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.store import open_store
from tests.builders import make_stored
from tests.humiao.intake.files import HEADER, ROW, archive, picture, workbook, write

SHEET = (
    "序号,来源平台,发布时间,线索内容,链接,发布者,备注\n"
    "1,抖音,2026年3月1日 晚上8点,三年级2班的李晓雯被堵在厕所，电话13812345678,https://v.douyin.com/abc/,小鱼,已核实\n"
    "2,快手,2026/3/1 20:15,校门口有人收烟卡,https://www.kuaishou.com/x/2,路人甲,\n"
    "3,贴吧,昨天 20:15,又有人发,,,\n"
    "3,贴吧,2026-03-01 20:15,,,,\n"
    "2,快手,2026/3/1 20:15,校门口有人收烟卡,https://www.kuaishou.com/x/2,路人甲,\n"
)


def run(*arguments, data):
    return subprocess.run(
        [sys.executable, "-m", "humiao", "ingest", *map(str, arguments), "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def in_log(settings) -> list[Post]:
    with open_log(settings) as log:
        return [Post.from_json(message.value) for message in log.read(POSTS)]


def test_the_guess_is_shown_nothing_goes_in_and_its_own_line_confirms_it(tmp_path, settings):
    file = write(tmp_path / "线索 表.csv", SHEET, "gb18030")
    done = run(file, data=settings.data)
    assert done.returncode == 2
    assert "尚未导入" in done.stderr
    for part in ("来源平台", "platform 平台", "text 正文", "备注", "left out"):
        assert part in done.stderr
    for personal in ("13812345678", "李晓雯", "小鱼"):
        assert personal not in done.stderr
    assert in_log(settings) == []
    (command,) = [line.strip() for line in done.stderr.splitlines() if line.strip().startswith("humiao ingest ")]
    again = subprocess.run([sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 2
    assert f"{file}:4: ts (发布时间): " in again.stderr
    assert f"{file}:5: text (线索内容): is empty in this row" in again.stderr
    assert again.stderr.splitlines()[-1] == f"{file}: 2 posts appended, 1 known already, 2 bad lines, of 5 read"
    posts = in_log(settings)
    assert {post.platform for post in posts} == {"抖音", "快手"}
    assert {post.source for post in posts} == {file.name}


def test_a_good_sheet_ends_with_zero(tmp_path, settings):
    done = run(workbook(tmp_path / "a.xlsx", HEADER, ROW), "--map", "auto", "--source", "巡查", data=settings.data)
    assert (done.returncode, in_log(settings)[0].source) == (0, "巡查")
    assert done.stderr.count("\n") == 1


def test_what_was_not_found_is_said_and_can_be_given(tmp_path, settings):
    file = write(tmp_path / "a.csv", "线索内容,链接\n校门口有人卖电子烟,https://a.cn/1\n")
    done = run(file, data=settings.data)
    assert "No column of times was found" in done.stderr
    assert "No column of platforms was found" in done.stderr
    assert "@2026-03-01T20:00:00+08:00=ts" in done.stderr
    assert run(file, "--map", "auto", data=settings.data).returncode == 2
    assert run(file, "--map", "auto,平台=@抖音,@2026-03-01T20:00:00+08:00=ts", data=settings.data).returncode == 0
    (post,) = in_log(settings)
    assert (post.platform, post.ts.isoformat()) == ("抖音", "2026-03-01T12:00:00+00:00")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--map", "内容=text"], "no column is called '内容'; the columns are 序号, 来源平台"),
        (["--map", "线索内容=words"], "'words' is no field; the fields are platform, board"),
        (["--map", "线索内容=text,来源平台=platform"], "ts (发布时间) is missing"),
        (["--map", "auto", "--timezone", "Beijing"], "use a name such as Asia/Shanghai"),
        (["--map", "auto", "--encoding", "klingon"], "no such encoding"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, settings, arguments, part):
    done = run(write(tmp_path / "a.csv", SHEET), *arguments, data=settings.data)
    assert done.returncode == 2
    assert part in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_json_lines_take_no_map(tmp_path, settings):
    done = run(write(tmp_path / "a.jsonl", "{}\n"), "--map", "auto", data=settings.data)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)


def test_pictures_that_are_missing_are_told_and_make_it_two(tmp_path, settings):
    sheet = "平台,时间,内容,截图\n群,2026-03-01 20:00,一,a.png\n群,2026-03-01 20:01,二,b.png\n".encode()
    done = run(archive(tmp_path / "a.zip", {"s.csv": sheet, "a.png": picture()}), "--map", "auto", data=settings.data)
    assert done.returncode == 2
    assert f"{tmp_path / 'a.zip'}/s.csv:3: picture 'b.png' is not in the ZIP file; the post goes in without it" in done.stderr
    assert "2 posts appended, 0 known already, 0 bad lines, of 2 read; 1 pictures missing or refused" in done.stderr
    first, second = sorted(in_log(settings), key=lambda post: post.ts)
    assert Blobs(settings.data / "blobs").get(first.attachments[0]) == picture()
    assert second.attachments == ()


def test_a_picture_that_comes_later_is_added_to_the_post_that_is_known(tmp_path, settings):
    how = HowToRead(parse_map("auto"))
    sheet = "平台,时间,内容,截图\n群,2026-03-01 20:00,一,a.png\n".encode()
    blobs = Blobs(settings.data / "blobs")
    settings.data.mkdir()
    with open_log(settings) as log, open_store(settings) as store:
        without = archive(tmp_path / "a.zip", {"s.csv": sheet})
        assert ingest(log, store, blobs, without, "a", lambda _: None, how).appended == 1
        (post,) = in_log(settings)
        store.put_posts([make_stored(post.model_copy(update={"attachments": ("0" * 64,)}))])
        assert ingest(log, store, blobs, without, "a", lambda _: None, how).known == 1
        complete = archive(tmp_path / "b.zip", {"s.csv": sheet, "a.png": picture()})
        assert ingest(log, store, blobs, complete, "a", lambda _: None, how).appended == 1
        assert in_log(settings)[-1].attachments == ("0" * 64, blobs.put(picture()))


CELL = st.text(st.sampled_from('平台抖音内容12026-3:/ \n",;\t\x00'), max_size=12)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.one_of(CELL, st.just("2026-03-01 20:15")), max_size=4), max_size=12),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_every_row_is_appended_known_or_bad(tmp_path_factory, rows, encoding):
    from humiao.settings import Settings

    settings = Settings(data=tmp_path_factory.mktemp("data"))
    text = "平台,时间,内容\n" + "\n".join(",".join(cells) for cells in rows)
    file = write(settings.data / "a.csv", text, encoding)
    said: list[str] = []
    with open_log(settings) as log, open_store(settings) as store:
        # a NUL among a few bytes that are no UTF-8 looks like UTF-16: whoever has such a file says what it is
        said_encoding = encoding if "\x00" in text else None
        how = HowToRead(parse_map("平台=platform,时间=ts,内容=text"), encoding=said_encoding)
        result = ingest(log, store, Blobs(settings.data / "blobs"), file, "a", said.append, how)
        assert result.read == result.appended + result.known + result.bad
        assert len(said) == result.bad
        assert log.size(POSTS) == result.appended
    assert all(re.match(rf"{re.escape(str(file))}:\d+: .", line) for line in said)
