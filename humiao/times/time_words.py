"""Plain words of a time: one script, one width, Chinese numerals as digits, and without the labels that sites put around it."""

import re
import unicodedata
from typing import Final

_SIMPLIFIED: Final = str.maketrans(
    "時鐘鍾發點後後編輯於週禮個間剛佈復來兩幾數淩現閱讀瀏覽為貼從內評論創訂錄項樓體號",
    "时钟钟发点后后编辑于周礼个间刚布复来两几数凌现阅读浏览为贴从内评论创订录项楼体号",
)
_HYPHENS: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_UNSEEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_WORDS: Final = {
    "昨日": "昨天", "今日": "今天", "前日": "前天", "昨晚": "昨天晚上", "昨夜": "昨天夜里", "前晚": "前天晚上",
    "今晚": "今天晚上", "今早": "今天早上", "今晨": "今天早上", "昨早": "昨天早上", "昨晨": "昨天早上",
    "礼拜": "星期", "点钟": "点",
}  # fmt: skip
_DIGITS: Final = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMERAL: Final = re.compile(r"(?<![周期])[〇零一二两三四五六七八九十]+")

_LABEL: Final = re.compile(
    r"^(?:(?:本帖|本文|该帖)?最后由.{1,60}于\s*"
    r"|.{0,80}?(?:发[表布帖贴]于|[发转]布时间|发[表帖]时间|[发公]布日期|发[表文]日期|回[复帖贴应]于|评论于|更新[于时]间?|修改[于时]间?|编辑[于时]间?"
    r"|最后(?:编辑|发[表帖]|回复|更新|修改)|创建[于时]间?|提问于|回答于|写于|成文日期|印发日期|[添录上][加入传]时间)\s*:?\s*"
    r"|.{0,80}\b(?:posted|published|updated|created|edited|modified|asked|answered|commented|replied|written)\b"
    r"(?:\s+by\s.{1,60}?(?=\s(?:on|at)\s))?\s*(?:on\b|at\b|:)?\s*"
    r"|.{0,80}»\s*"
    r"|来自\s*\d+\s*(?:楼|\#)\s*|(?:\d+\s*(?:楼|\#)|楼主|沙发|板凳|地板)\s+"
    r"|(?:时间|日期|date|time)\s*:\s*|(?:on|于)\s+)",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\s*(?:[|·•\[【]|发[表布帖]|编辑|修改|更新|回[复帖]|评论|来自|来源|浏览|阅读|点击|访问|字体|字号|作者|责任|只看|最后|举报"
    r"|\sIP\b|\s\d+\s*(?:楼|\#)|(?<!^)\b(?:edited|via|from|by)\s).*$",
    re.IGNORECASE,
)


_PROVINCES: Final = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海"
    "|台湾|内蒙古|广西|西藏|宁夏|新疆|中国香港|中国澳门|中国台湾|香港|澳门|海外|未知"
)
_WHERE: Final = re.compile(
    rf"\s*\bIP\s*(?:属地|归属地?|所在地)?\s*:?\s*(?:{_PROVINCES})\S{{0,3}}(?=\s|$)|(?<=[\d日号秒分天前后点半])\s+(?:{_PROVINCES})省?市?$"
)
"""Sites have to show where a writer's address belongs, and put it beside the time."""


def plain_time(text: str) -> str:
    """`text` in simplified characters, half-width digits and single blanks, without remarks in brackets and without labels."""
    value = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(_SIMPLIFIED).translate(_HYPHENS)
    value = " ".join(re.sub(r"\([^()]*\)", " ", value).split())
    value = _WHERE.sub("", value).strip()
    value = _LABEL.sub("", value, count=1)
    value = _AFTER.sub("", value, count=1)
    for word, plain in _WORDS.items():
        value = value.replace(word, plain)
    return _NUMERAL.sub(_digits, value).strip(" ,;。")


def _digits(found: re.Match[str]) -> str:
    numeral = found.group()
    if "十" not in numeral:
        return "".join(str(_DIGITS[character]) for character in numeral)
    tens, _, ones = numeral.partition("十")
    return str((_DIGITS[tens] if len(tens) == 1 else 1) * 10 + (_DIGITS[ones] if len(ones) == 1 else 0))
