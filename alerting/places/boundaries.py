"""Whether a name that stands in a text is meant as a name, or only a part of other words.

A full name stands unless the text goes on into another name (坂田小学附属幼儿园) or into a word (坂田小学生). A short form that
ends like 坂小 or 坂田小 is too easily a piece of something else (坂田小店): its last character must not begin a word. One that also
begins with a numeral (一中, 二小) needs a sure neighbourhood on both sides.
"""

import re
from typing import Final

from alerting.places.gazetteer import ELSEWHERE, Gazetteer
from alerting.places.place import Kind

LONGEST_BEFORE: Final = 12
LONGEST_AFTER: Final = 6
_SHORT: Final = re.compile(r"[中小幼高外附实初](?<!高中)(?<!初中)$")
_NUMERAL: Final = re.compile(r"^[一二三四五六七八九十]")
_CONTINUED: Final = re.compile(
    r"小学(?![生部])|中学(?![生部])|高中(?![部生])|初中(?![部生])|大学(?!生)|学院|幼儿园|幼稚园|分校|附属|附[小中]|分园|分店"
    r"|大道|路(?![口上边过人灯障])|街(?![上边头])|社区(?![里论群])|新村|花园|大厦|医院|派出所|公园|广场(?!舞)|酒店|宾馆|旅馆|超市"
)
_AREA_CONTINUED: Final = re.compile(
    r"路|村(?![民口里头边委])|老围|中心(?![校区])|站(?![在着了起出住满上队])|地铁|市(?![民场])|工业|科技|河(?![边里水])|水库"
)
"""What makes another name of the name of an area."""
_ENTRANCES: Final = re.compile(r"学校(?:门|里|内|的|外)|小学部|中学部|初中部|高中部")
_VERB: Final = re.compile(r"[着起满队]")
"""After 站, which is then "to stand"."""
_PUPIL: Final = re.compile(r"生(?![物活存])")
_FOLLOWERS: Final = re.compile(
    r"$|[^\u4e00-\u9fffa-z0-9]|[一二三四五六1-9]年级|[的门校那这里内有和跟与今明昨出吗呢吧啊呀哦了吃家同男女孩被发在都是也还又不没要会能读上下毕保班年"
    r"初老放附旁边对面后前操食宿厕篮足运图教实东西南北正侧周围片围贴论群七八九高走到往去来回挂开报招收录考排真太好最更比就才已给让"
    r"把从隔离近处停打抢堵欺霸闹着火卖搞举组通说要求因为学分什怎哪谁接送校天晚]"
)
_NOT_AFTER: Final[dict[str, re.Pattern[str]]] = {
    "小": re.compile(
        r"学(?!生)|卖部|吃[店街]|饭[桌馆店]|广告|道消息|视频|游戏|程序|混混|流氓|升初|[女男孩时说朋心区店伙便费组名字票路事米麦偷贩摊巷狗猫河山]"
    ),
    "中": re.compile(r"[学考年心间午国外文药医东西南北秋奖毒断途期介等级低]"),
    "高": re.compile(r"[考度一二三兴中校年级手楼低铁温血压达层速端]"),
    "外": re.compile(r"[面地卖国婆公号边套出人头来教面语传科部]"),
    "实": re.compile(r"[在际话验力习体行现事物用]"),
    "附": re.compile(r"[近件加上带和议]"),
    "幼": re.compile(r"[儿小年稚苗师]"),
    "初": re.compile(r"[一二三中期始步恋]"),
}
_SURE_BEFORE: Final = re.compile(
    r"(?:^|[^\u4e00-\u9fff0-9]|[在去到上读念进考从来回离是像问给向往和跟与及同区县镇市道附近我们咱旁边对面就的叫过送接当靠挨有吧啊被于转])$"
)
_COUNTING: Final = re.compile(r"[周期第十百千万初拜零一二三四五六七八九两几廿0-9月年]$")
_NUMERAL_AFTER: Final = re.compile(r"^(?:[一二三四五六七八九十](?!年级)|[第周])")
_ALNUM: Final = re.compile(r"[a-z0-9]")
_FROM_ELSEWHERE: Final = re.compile(
    rf"(?:(?:{'|'.join(sorted(ELSEWHERE, key=len, reverse=True))})(?:省|市|区|县|镇)?|[\u4e00-\u9fff]{{2}}[县镇])"
    "(?:那边|这边)?(?:的|[在去到]?[读上念])?$"
)


def is_short(name: str) -> bool:
    """Whether `name` is a short form that needs a sure neighbourhood."""
    return bool(_SHORT.search(name))


def from_elsewhere(text: str, start: int, gazetteer: Gazetteer) -> bool:
    """Whether what stands before `start` says that the name is of another city (广州华附)."""
    before = text[max(0, start - LONGEST_BEFORE) : start]
    found = _FROM_ELSEWHERE.search(before)
    return found is not None and not any(area in found.group() for area in gazetteer.area_names)


def stands(text: str, start: int, end: int, gazetteer: Gazetteer) -> bool:
    """Whether the name at `text[start:end]` (folded) is one by itself."""
    name, after = text[start:end], text[end : end + LONGEST_AFTER]
    before = text[max(0, start - LONGEST_BEFORE) : start]
    if _cut_out(name, before, after):
        return False
    if is_short(name):
        return _short_stands(name, before, after) and not (after.startswith("学") and name[:-1] in gazetteer.names)
    if name.endswith(("小学", "中学", "高中")) and _PUPIL.match(after):
        return False
    if name.endswith(("实验", "外国语", "高级")) and re.match(r"[小中学高]", after):
        return bool(_ENTRANCES.match(after))
    if Kind.AREA in (kinds := gazetteer.kinds.get(name, frozenset())) and _AREA_CONTINUED.match(after):
        return False
    return not _CONTINUED.match(after) or (Kind.SCHOOL in kinds and bool(_ENTRANCES.match(after)))


def _cut_out(name: str, before: str, after: str) -> bool:
    """Whether it is a piece of a Latin word or number, or of a count (周五和, 第一中), or 站 is a verb."""
    if (_ALNUM.match(name) and _ALNUM.match(before[-1:])) or (_ALNUM.match(name[-1]) and _ALNUM.match(after)):
        return True
    if _NUMERAL.match(name) and (_COUNTING.search(before) or (len(name) == 2 and _NUMERAL_AFTER.match(after))):  # noqa: PLR2004
        return True
    return name.endswith("站") and bool(_VERB.match(after))


def _short_stands(name: str, before: str, after: str) -> bool:
    if _NOT_AFTER[name[-1]].match(after):
        return False
    counted = len(name) == 2 and bool(_NUMERAL.match(name))  # noqa: PLR2004 (一中, not 坂一中)
    return not counted or bool(_FOLLOWERS.match(after) and _SURE_BEFORE.search(before))
