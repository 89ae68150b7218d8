"""Identifying details of a child, masked for lists, search results, summaries and notifications. Evidence keeps originals.

Numbers and addresses that identify whoever they belong to are masked by pattern; names where the wording says that a name follows,
and where `humiao.names` finds one. It masks too much rather than too little, and it is no guarantee (docs/masking.md has figures).
"""

import re
from collections.abc import Callable
from typing import Final

from humiao.names import DOUBLE_SURNAMES, names

_DIGITS: Final = "0-9０-９"
_NUMERALS: Final = "一二三四五六七八九十"
# The hundred commonest surnames of the 2020 census bulletin, two-character ones first.
_SURNAMES: Final = (
    # Words of everyday that begin like a name.
    "(?!常常|常年|常被|于是|于今|向[我他她老着大]|何[时必况人]|曾[经被]|任[何意]|高[一二三中考校年]|万[一分名个]|方[便法]|白[天白]|马上|毛病|黄色|金额|石头)"
    "(?:欧阳|上官|司马|诸葛|司徒|东方|夏侯|皇甫|尉迟|慕容|令狐|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常])"
)
_HAN: Final = "\u4e00-\u9fff"
_NOT_A_NAME: Final = "(?:什么|啥|我|你|他|她|它|人|来|去|上|救|大家|家长|老师|警察|外卖|醒|做|的|了|不|停|好|声|着|得|嚣|板|卖|法)"


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found.group())


def _keep_ends(found: re.Match[str]) -> str:
    whole = found.group()
    return whole[:3] + "*" * (len(whole) - 5) + whole[-2:]


def _surname_only(found: re.Match[str]) -> str:
    name = found.group("name")
    return found.group().replace(name, name[0] + "*" * (len(name) - 1), 1)


def _account(found: re.Match[str]) -> str:
    account = found.group("account")
    return found.group()[: -len(account)] + account[0] + "*" * (len(account) - 1)


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_RULES: Final[list[_Rule]] = [
    # Resident identity numbers: 17 digits and a check character, or the old 15 digits.
    (re.compile(rf"(?<![{_DIGITS}])[{_DIGITS}]{{17}}[{_DIGITS}xXＸ](?![{_DIGITS}])"), _keep_ends),
    # Mobile numbers, also with +86, spaces, dots or dashes between the groups.
    (
        re.compile(
            rf"(?<![{_DIGITS}])(?:\+?86[- ]?)?1[3-9][{_DIGITS}][- .·]?[{_DIGITS}]{{4}}[- .·]?[{_DIGITS}]{{4}}(?![{_DIGITS}])"
        ),
        _keep_ends,
    ),
    # Landlines with area code.
    (re.compile(rf"(?<![{_DIGITS}])0[{_DIGITS}]{{2,3}}[- ]?[{_DIGITS}]{{7,8}}(?![{_DIGITS}])"), _keep_ends),
    # Mail addresses.
    (re.compile(r"(?P<account>[A-Za-z0-9._%+-]+)@(?=[A-Za-z0-9-]+\.)"), lambda m: m["account"][0] + "***@"),
    # Accounts after a word that announces one (微信, its disguises, QQ, 抖音号 …).
    (
        re.compile(
            r"(?:微信|薇信|威信|维信|卫星|v信|V信|wx|WX|vx|VX|VX|Wx|Vx|微♥|QQ群?|qq群?|Qq|扣扣|企鹅|抖音号?|快手号?|小红书号?|飞机|电报|加[vVqQ]|[加➕+][微薇]信?)"
            r"\s*(?:号码?|群号?|id|ID)?\s*(?:是|为|[:：;；,，])?\s*(?P<account>[A-Za-z0-9_-]{5,24})(?![A-Za-z0-9_-])"
        ),
        _account,
    ),
    # School class: 三年级2班, 高二（3）班, 初一5班, 七(4)班.
    (
        re.compile(
            rf"(?:小学|初中|高中)?(?:[{_NUMERALS}1-9１-９]年级|[初高][{_NUMERALS}1-3１-３])\s*[（(]?\s*(?:[{_NUMERALS}]{{1,3}}|[{_DIGITS}]{{1,2}})\s*[)）]?\s*班"
        ),
        "*年级*班",
    ),
    (re.compile(rf"[{_NUMERALS}1-9１-９]\s*[（(]\s*(?:[{_NUMERALS}]{{1,3}}|[{_DIGITS}]{{1,2}})\s*[)）]\s*班"), "*年级*班"),
    (re.compile(rf"[{_NUMERALS}1-9１-９]年级(?![{_HAN}]*班)"), "*年级"),
    # Building, unit and room: 3栋2单元501室, 12号楼1203.
    (
        re.compile(
            rf"[{_DIGITS}A-Za-z{_NUMERALS}]{{1,4}}(?:栋|幢|座|号楼)\s*(?:[{_DIGITS}A-Za-z{_NUMERALS}]{{1,3}}单元)?\s*(?:[{_DIGITS}]{{3,4}}(?:室|房|号)?)?"
        ),
        lambda m: "*" + next(w for w in ("号楼", "栋", "幢", "座") if w in m.group()),
    ),
    (re.compile(rf"[{_DIGITS}]{{3,4}}(?:室|房|宿舍|寝室)"), "***室"),
    (re.compile(rf"(?<=[{_HAN}])(?P<house>[{_DIGITS}]{{1,4}}号)(?=[{_HAN}]{{0,4}}(?:楼|院|住|家))"), "**号"),
    # A name that is announced: 叫王小明, 名字是…, 姓名：….
    (
        re.compile(
            rf"(?:名叫|叫做|叫作|叫|姓名|名字是|名字|真名|本名|大名|学生|同学|女生|男生|女孩|男孩|孩子|小孩|班长|受害人|当事人)\s*(?:是|为|[:：])?\s*"
            rf"(?P<name>(?:{_SURNAMES})(?!{_NOT_A_NAME})[{_HAN}]{{1,2}})(?=$|[^{_HAN}]|的|在|是|被|和|跟|与|，|住|今|昨|上|下|这|那|又|也|就|吗|吧|电|手|家|同|说|读|于|不|已|经|失|一|现|，|[{_NUMERALS}]年级)"
        ),
        _surname_only,
    ),
    # A name after a class, which was masked above: *年级*班的李晓雯.
    (re.compile(rf"(?<=\*班)(?P<of>的|那个|里的|,|，)?(?P<name>(?:{_SURNAMES})(?!{_NOT_A_NAME})[{_HAN}]{{1,2}})"), _surname_only),
    # A name before 同学, 小朋友 …: 李晓雯同学.
    (
        re.compile(rf"(?<![{_HAN}])(?P<name>(?:{_SURNAMES})[{_HAN}]{{1,2}})(?=同学|小朋友|小同学|学生|（女|（男|\(女|\(男)"),
        _surname_only,
    ),
    (
        re.compile(rf"(?<=[是的班有和跟与找把被叫谢给对让问])(?P<name>(?:{_SURNAMES})[{_HAN}]{{1,2}})(?=同学|小朋友)"),
        _surname_only,
    ),
    # Long digit runs that no rule above took: bank cards, QQ numbers, student numbers.
    (re.compile(rf"(?<![{_DIGITS}.])[{_DIGITS}]{{7,}}(?![{_DIGITS}])"), _keep_ends),
]


def mask(text: str) -> str:
    """`text` with phone, identity and account numbers, mail addresses, classes, rooms and announced names masked."""
    for start, end in names().spans(text):
        surname = 2 if text[start : start + 2] in DOUBLE_SURNAMES else 1
        text = text[: start + surname] + "*" * (end - start - surname) + text[end:]
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def excerpt(text: str, length: int = 60) -> str:
    """The beginning of `text` in one line, masked, at most `length` characters (the last one … where it was cut)."""
    line = " ".join(mask(text[: length * 8]).split())
    return line if len(line) <= length else line[: length - 1] + "…"
