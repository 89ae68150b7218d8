"""The words of a message: labels, grade, kind of place, counts, time limit, link. Never text, name or address of a post."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final, Literal

import yaml

from alerting.calendar import SHANGHAI
from alerting.notify.items import Item
from alerting.notify.links import Links
from humiao.alert import GRADE_NAMES, Grade
from humiao.labels import HARM_NAMES, STANCE_NAMES, Stance

Language = Literal["zh", "en"]
LONGEST: Final = 1800
"""Bytes (UTF-8) of title and text: a group robot of WeCom takes 2,048."""
SHOWN: Final = 3
"""Alerts of a digest that get a link of their own."""

_ENGLISH: Final = {
    "红": "RED", "橙": "ORANGE", "黄": "YELLOW", "蓝": "BLUE",
    "新预警": "New alert", "呼叫值班人员": "Call for who is on duty", "升级": "Now more urgent",
    "时限将至": "Deadline is near", "时限已过": "Deadline has passed",
    "重新打开": "Opened again", "情绪突增": "Sudden bad mood", "摘要": "Digest", "{n}条消息": "{n} news",
    "地点类型：{places}": "Kind of place: {places}", "{posts}帖，{platforms}个平台": "{posts} posts on {platforms} platforms",
    "时限：{deadline}": "Time limit: {deadline}", "查看：{link}": "Open: {link}", "队列：{link}": "Queue: {link}",
    "编号：{id}": "Message: {id}", "另有{n}条": "and {n} more", "幼儿园": "kindergarten", "学校": "school", "商铺": "shop",
    "场所": "venue", "旅馆": "hotel", "小区": "estate", "公园": "park", "水域": "water", "车站": "station",
    "街道社区": "sub-district", "测试消息": "Test message", "、": ", ", "：": ": ", "（": " (", "）": ")",
}  # fmt: skip
_KINDS: Final = {
    "raised": "新预警",
    "regraded": "升级",
    "deadline_near": "时限将至",
    "deadline_passed": "时限已过",
    "reopened": "重新打开",
    "duty_called": "呼叫值班人员",
}


class Words:
    """Writes messages in one language."""

    def __init__(self, language: Language, links: Links) -> None:
        self._catalogue = {**_labels(), **_ENGLISH} if language == "en" else {}
        self._links = links

    def single(self, item: Item, id: str, now: datetime) -> tuple[str, str]:
        """Title and text of a message on one alert, with id `id`."""
        lines = [self._t("{posts}帖，{platforms}个平台", posts=item.posts, platforms=item.platforms)]
        if item.places:
            lines.append(self._t("地点类型：{places}", places=self._t("、").join(self._t(one) for one in item.places)))
        lines.append(self._t("时限：{deadline}", deadline=f"{item.deadline.astimezone(SHANGHAI):%m-%d %H:%M}"))
        if link := self._links.make(item.alert, now):
            lines.append(self._t("查看：{link}", link=link))
        return self._head(item), "\n".join([*lines, self._t("编号：{id}", id=id)])

    def digest(self, items: Sequence[Item], id: str, now: datetime) -> tuple[str, str]:
        """Title and text of a message on several: counts by grade, kind and label, and links to the most urgent."""
        grades = Counter(one.grade for one in items)
        counts = " ".join(f"{self._t(GRADE_NAMES[grade])}{grades[grade]}" for grade in Grade if grades[grade])
        title = f"【{self._t('摘要')}】{self._t('{n}条消息', n=len(items))}{self._t('（')}{counts}{self._t('）')}"
        ranked = sorted(items, key=lambda one: (one.grade.rank, one.deadline, one.id))
        tail = [
            self._t("查看：{link}", link=f"{self._t(GRADE_NAMES[one.grade])} {link}")
            for one in ranked[:SHOWN]
            if (link := self._links.make(one.alert, now))
        ]
        if queue := self._links.queue():
            tail.append(self._t("队列：{link}", link=queue))
        tail.append(self._t("编号：{id}", id=id))
        heads = Counter(self._head(one) for one in ranked)  # keeps the order of first sight
        return title, "\n".join([*self._fitting(title, heads, tail), *tail])

    def trial(self, channel: str, id: str) -> tuple[str, str]:
        """Title and text of a test message."""
        return f"【{self._t('测试消息')}】{channel}", self._t("编号：{id}", id=id)

    def _fitting(self, title: str, heads: Counter[str], tail: Sequence[str]) -> list[str]:
        """As many lines as there is room for, and how many items the rest are."""
        room = LONGEST - sum(len(line.encode()) + 1 for line in [title, *tail, self._t("另有{n}条", n=10**6)])
        lines: list[str] = []
        left = heads.total()
        for head, count in heads.items():
            line = f"{head} ×{count}"
            room -= len(line.encode()) + 1
            if room < 0:
                return [*lines, self._t("另有{n}条", n=left)]
            lines.append(line)
            left -= count
        return lines

    def _head(self, item: Item) -> str:
        what = self._t("、").join(self._t(HARM_NAMES[one]) for one in item.harm) or self._t("情绪突增")
        whose = "" if item.stance is Stance.OTHER else f"{self._t('（')}{self._t(STANCE_NAMES[item.stance])}{self._t('）')}"
        return f"【{self._t(GRADE_NAMES[item.grade])}】{self._t(_KINDS[item.kind])}{self._t('：')}{what}{whose}"

    def _t(self, wording: str, **blanks: object) -> str:
        found = self._catalogue.get(wording, wording)
        return found.format(**blanks) if blanks else found


@cache
def _labels() -> dict[str, str]:
    """English names of labels, as the console shows them."""
    text = resources.files("alerting.console").joinpath("english.yaml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in yaml.safe_load(text).items()}
