"""For every form in which a site shows times: what it shows of an instant is read as that instant."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from humiao.times import SKEW, parse_time

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")]
SHANGHAI = ZONES[0]
WEEKDAYS = "一二三四五六日"
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
NEW_YEAR = datetime(2026, 1, 1, 0, 3, tzinfo=SHANGHAI)
LEAP_DAY = datetime(2024, 2, 29, 0, 3, tzinfo=SHANGHAI)
MONTH_END = datetime(2026, 3, 1, 23, 57, tzinfo=SHANGHAI)

moments = st.integers(694_224_000, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # 1992 to 2090
zones = st.sampled_from(ZONES)


def halves(at):
    return at.hour % 12 or 12


def moment_js(at):
    """Parts of the day as a common date library writes them in Chinese."""
    minutes = at.hour * 100 + at.minute
    limits = ((600, "凌晨"), (900, "早上"), (1130, "上午"), (1230, "中午"), (1800, "下午"), (2400, "晚上"))
    return next(word for limit, word in limits if minutes < limit)


def django(at):
    names = ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."]
    half = "a.m." if at.hour < 12 else "p.m."
    clock = f"{halves(at)}:{at.minute:02}" if at.minute else f"{halves(at)}"
    special = {(0, 0): "midnight", (12, 0): "noon"}.get((at.hour, at.minute))
    return f"{names[at.month - 1]} {at.day}, {at.year}, {special or f'{clock} {half}'}"


def numeral(number):
    if number < 10:
        return "零一二三四五六七八九"[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else "一二三四五六七八九"[tens - 1]) + "十" + ("一二三四五六七八九"[ones - 1] if ones else "")


ABSOLUTE = {
    "discuz": lambda at: f"{at.year}-{at.month}-{at.day} {at:%H:%M:%S}",
    "padded": lambda at: f"{at:%Y-%m-%d %H:%M}",
    "slashes": lambda at: f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02}",
    "weekday": lambda at: f"{at.year}-{at.month}-{at.day} 周{WEEKDAYS[at.weekday()]} {at:%H:%M}",
    "chinese": lambda at: f"{at.year}年{at.month}月{at.day}日 星期{WEEKDAYS[at.weekday()]} {at.hour}时{at.minute:02}分",
    "windows": lambda at: (
        f"{at.year}/{at.month}/{at.day} {'上午' if at.hour < 12 else '下午'} {halves(at):02}:{at.minute:02}:{at.second:02}"
    ),
    "moment": lambda at: f"{at.year}年{at.month}月{at.day}日{moment_js(at)}{halves(at)}点{at.minute:02}分",
    "numerals": lambda at: (
        f"{''.join('〇一二三四五六七八九'[int(d)] for d in str(at.year))}年{numeral(at.month)}月{numeral(at.day)}日"
    ),
    "full width": lambda at: f"{at:%Y-%m-%d %H:%M}".translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789:"}),
    "label": lambda at: f"发布时间：{at:%Y-%m-%d}\u00a0{at:%H:%M} 来源：某办",
    "edited": lambda at: f"本帖最后由 小明 于 {at.year}-{at.month}-{at.day} {at:%H:%M} 编辑",
    "weekday first": lambda at: f"星期{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d %H:%M}",
    "where": lambda at: f"{at:%Y-%m-%d %H:%M} IP属地：广东",
    "iso": lambda at: at.isoformat(),
    "iso utc": lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    "iso local": lambda at: at.replace(tzinfo=None).isoformat(),
    "rfc": lambda at: f"{DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1][:3]} {at:%Y %H:%M:%S %z}",
    "ctime": lambda at: f"{DAYS[at.weekday()]} {MONTHS[at.month - 1][:3]} {at.day:2} {at:%H:%M:%S %Y}",
    "javascript": lambda at: (
        f"{DAYS[at.weekday()]} {MONTHS[at.month - 1][:3]} {at.day:02} {at.year} {at:%H:%M:%S} GMT{at:%z} (本地时间)"
    ),
    "phpbb": lambda at: (
        f"{DAYS[at.weekday()]} {MONTHS[at.month - 1][:3]} {at.day:02}, {at.year} {halves(at)}:{at:%M} {'ap'[at.hour > 11]}m"
    ),
    "english": lambda at: f"{MONTHS[at.month - 1]} {at.day}, {at.year} at {halves(at)}:{at:%M} {'AP'[at.hour > 11]}M",
    "django": django,
    "epoch": lambda at: str(int(at.timestamp())),
    "epoch ms": lambda at: str(int(at.timestamp() * 1000)),
}
BY_DAY = {"numerals"}
BY_SECOND = {"discuz", "windows", "iso", "iso utc", "iso local", "rfc", "ctime", "javascript", "epoch", "epoch ms"}


@pytest.mark.parametrize("form", ABSOLUTE)
@settings(deadline=None)  # other work on the machine is no defect
@given(at=moments.filter(lambda at: at.year > 2001), zone=zones)
@example(at=NEW_YEAR, zone=SHANGHAI)
@example(at=LEAP_DAY, zone=SHANGHAI)
@example(at=datetime(2026, 1, 5, 4, tzinfo=UTC), zone=SHANGHAI)  # noon
@example(at=datetime(2026, 1, 4, 16, tzinfo=UTC), zone=SHANGHAI)  # midnight
def test_absolute_form_is_read_as_the_instant_it_shows(form, at, zone):
    local = at.astimezone(zone)
    parsed = parse_time(ABSOLUTE[form](local), zone, datetime(2095, 1, 1, tzinfo=UTC)).astimezone(zone)
    assert parsed.replace(tzinfo=None) == precise(local, form)


def precise(local, form):
    wall = local.replace(tzinfo=None, fold=0)
    if form in BY_DAY:
        return datetime.combine(wall, time())
    return wall if form in BY_SECOND else wall.replace(second=0)


AGO = {
    "秒前": (1, 1, 59, "{} 秒前"),
    "seconds": (1, 2, 59, "{} seconds ago"),
    "分钟前": (60, 1, 59, "{}分钟前"),
    "分鐘前": (60, 1, 59, "{}\u00a0分鐘前"),
    "numeral": (60, 1, 59, "numeral"),
    "minutes": (60, 2, 59, "{} minutes ago"),
    "小时前": (3600, 1, 23, "{} 小时前"),
    "个小时前": (3600, 1, 23, "{}个小时前"),
    "天前": (86400, 1, 30, "{} 天前"),
    "days": (86400, 2, 30, "{} days ago"),
    "周前": (604800, 1, 8, "{} 周前"),
}


@pytest.mark.parametrize("form", AGO)
@settings(deadline=None)
@given(now=moments, zone=zones, share=st.floats(0, 1), within=st.floats(0, 0.999))
@example(now=NEW_YEAR, zone=SHANGHAI, share=0.5, within=0.5)
@example(now=LEAP_DAY, zone=SHANGHAI, share=0.1, within=0.9)
def test_age_is_read_within_its_unit_and_never_later_than_the_page(form, now, zone, share, within):
    unit, least, most, words = AGO[form]
    count = least + round(share * (most - least))
    instant = now - timedelta(seconds=unit * (count + within))
    text = f"{numeral(count)}分钟前" if words == "numeral" else words.format(count)
    parsed = parse_time(text, zone, now)
    assert parsed <= now
    assert timedelta(0) <= parsed - instant < timedelta(seconds=unit)


BACK = {"今天 {}": 0, "今日{}": 0, "Today at {}": 0, "昨天 {}": 1, "昨天{}": 1, "昨日 {}": 1, "昨天 {} 广东": 1, "Yesterday, {}": 1, "前天 {}": 2, "大前天 {}": 3,
        "4 天前 {}": 4, "6 天前 {}": 6, "去年 {md} {}": None, "上周{week} {}": None, "{md} {}": None, "{m}月{d}日 {}": None,
        "周{week} {}": None, "{}": None}  # fmt: skip


@pytest.mark.parametrize("form", BACK)
@settings(deadline=None)
@given(now=moments, zone=zones, of_day=st.integers(0, 86399), days=st.integers(0, 363))
@example(now=NEW_YEAR, zone=SHANGHAI, of_day=86399, days=1)
@example(now=NEW_YEAR, zone=SHANGHAI, of_day=0, days=0)
@example(now=LEAP_DAY, zone=SHANGHAI, of_day=120, days=0)
@example(now=LEAP_DAY + timedelta(days=1), zone=SHANGHAI, of_day=86340, days=1)
@example(now=LEAP_DAY + timedelta(days=320), zone=SHANGHAI, of_day=43200, days=320)
@example(now=MONTH_END, zone=SHANGHAI, of_day=86340, days=1)
def test_day_and_clock_are_read_as_the_instant_they_show(form, now, zone, of_day, days):
    today = now.astimezone(zone).date()
    day = shown_day(form, today, days)
    assume(day is not None)
    wall = datetime.combine(day, time()) + timedelta(seconds=of_day)
    at = wall.replace(tzinfo=zone)
    assume(at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall)  # not in the gap of summer time
    assume(at <= now)
    if form == "{}":
        shown_today = datetime.combine(today, wall.replace(second=0).time(), zone).astimezone(UTC)
        assume(shown_today > now + SKEW or day == today)
        assume(shown_today.astimezone(zone).time() == wall.replace(second=0).time())
    text = form.format(f"{at:%H:%M}", md=f"{at:%m-%d}", m=at.month, d=at.day, week=WEEKDAYS[at.weekday()])
    parsed = parse_time(text, zone, now)
    assert parsed <= now + SKEW
    assert parsed.astimezone(zone).replace(tzinfo=None) == wall.replace(second=0)


def shown_day(form: str, today: date, days: int) -> date | None:
    """The day of a post that a site would show in `form` on `today`; None = it would not."""
    if (back := BACK[form]) is not None:
        return today - timedelta(days=back)
    if form == "{}":
        return today - timedelta(days=days % 2)
    if form == "周{week} {}":
        return today - timedelta(days=days % 6)
    if form == "上周{week} {}":
        return today - timedelta(days=today.weekday() + 1 + days % 7)
    if form.startswith("去年"):
        return date(today.year - 1, 1, 1) + timedelta(days=days)
    return today - timedelta(days=days)


@settings(deadline=None)
@given(
    at=moments,
    now=moments,
    zone=zones,
    form=st.sampled_from(["{:%m-%d %H:%M}", "{:%H:%M}", "昨天 {:%H:%M}", "周一 {:%H:%M}", "{:%m/%d}"]),
)
def test_what_is_counted_from_the_page_is_never_later_than_it(at, now, zone, form):
    try:
        parsed = parse_time(form.format(at.astimezone(zone)), zone, now)
    except ValueError as error:
        assert "does not exist" in str(error)  # noqa: PT017 (the gap of summer time is all that may be refused)
    else:
        assert parsed <= now + SKEW


@settings(deadline=None)
@given(
    text=st.text(alphabet="0123456789年月日时分秒点前天昨今上下午周一二三半个小钟:-/. TZ+amp发表于", max_size=24),
    now=moments,
    zone=zones,
)
def test_any_text_is_a_time_or_refused(text, now, zone):
    try:
        assert parse_time(text, zone, now).tzinfo is UTC
    except ValueError as error:
        assert str(error)  # noqa: PT017
