"""What a channel is to be told of one event: facts that identify nobody, and when they may be sent."""

import hashlib
from datetime import datetime
from typing import Final

from alerting.calendar import SHANGHAI
from alerting.notify import hints
from alerting.notify.hints import NEWS
from humiao.alert import Alert, Grade
from humiao.event import Event
from humiao.labels import Harm, Stance
from humiao.post import Frozen, Time

PLACE_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "幼儿园": ("幼儿园", "托育中心", "托儿所"),
    "学校": ("学校", "小学", "中学", "高中", "初中", "大学", "学院", "校区", "附中", "附小"),
    "商铺": ("店", "超市", "商场", "商铺", "便利店", "小卖部", "市场", "广场"),
    "场所": ("网吧", "网咖", "KTV", "酒吧", "电竞馆", "密室", "影院", "俱乐部", "台球厅"),
    "旅馆": ("酒店", "宾馆", "旅馆", "公寓", "民宿"),
    "小区": ("小区", "花园", "苑", "新村", "家园", "大厦"),
    "公园": ("公园", "绿道"),
    "水域": ("水库", "河", "湖", "塘", "海滩"),
    "车站": ("站", "地铁口"),
    "街道社区": ("街道", "社区", "村", "镇"),
}
"""Kind of a place by the end of its name: a message says the kind, never the name."""


class Item(Frozen):
    """News of one alert for one channel."""

    id: str
    """Stable: the same event gives the same id, however often it is planned."""
    alert: str
    hint: str
    """Key of the hint that it comes from; while that is there the item may be planned again, and must not be sent."""
    kind: str
    grade: Grade
    harm: list[Harm]
    stance: Stance
    places: list[str]
    """Kinds of places."""
    posts: int
    platforms: int
    deadline: Time
    at: Time
    """When the event came up."""
    due: Time
    """Not to be sent before."""
    digested: bool
    """Gathered with others, whatever their number."""

    @property
    def key(self) -> str:
        """Key of its note: keys sort by due time, and say whether it had to wait for that."""
        return f"{'later' if self.due > self.at else 'item'}/{self.due.isoformat()}/{self.id}"


def place_kinds(place: str) -> list[str]:
    """Kinds of the places that an alert names, each once; a place of no known kind is left out."""
    found = (
        next((kind for kind, endings in PLACE_KINDS.items() if name.endswith(endings)), "") for name in place.split("、") if name
    )
    return sorted({kind for kind in found if kind})


def occasion(event: Event) -> str:
    """What may be told once: an alert is told of as red once, as reopened once a day (Shanghai)."""
    if event.kind == "regraded":
        return f"regraded {event.data.get('grade', '')}"
    if event.kind == "reopened":
        return f"reopened {event.at.astimezone(SHANGHAI):%Y-%m-%d}"
    if event.kind in NEWS and event.data.get("deadline"):
        return f"{event.kind} {event.data['deadline']}"
    return event.kind


def item(alert: Alert, event: Event, channel: str, due: datetime, *, digested: bool) -> Item:
    """News of `event` on `alert` for `channel`."""
    name = "\x1f".join((alert.id, occasion(event), channel))
    return Item(
        id=hashlib.sha256(name.encode()).hexdigest()[:16],
        alert=alert.id,
        hint=hints.key(event),
        kind=event.kind,
        grade=alert.grade,
        harm=alert.harm,
        stance=alert.stance,
        places=place_kinds(alert.place),
        posts=alert.post_count,
        platforms=len(alert.platforms),
        deadline=alert.deadline,
        at=event.at,
        due=due,
        digested=digested,
    )
