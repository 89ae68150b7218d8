"""Words such as 我们学校: whether they mean the place that is spoken of, and not some other one."""

import re
from typing import Final

_SPEAKER: Final = re.compile(r"^(?:我|咱|本)")
_BEFORE: Final = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|[在去到从进离回来出给让把被和跟找说问是了着就后前天上午晚因为对向求请希望求]|今天|昨天)$"
)
_OTHERS: Final = re.compile(
    r"(?:别的|别人|其他|其它|隔壁|他们|她们|人家|某|哪个|哪所|一所|一个|每个|各|全国|国外|外地|那所"
    r"|好多|很多|有的|有些|任何)的?$"
)
_AFTER: Final = re.compile(r"[路街站]|附近的|里的人都说别")


def means_ours(text: str, start: int, end: int) -> bool:
    """Whether the generic word at `text[start:end]` (folded) can be the writer's own."""
    before = text[max(0, start - 6) : start]
    if _OTHERS.search(before) or _AFTER.match(text[end : end + 3]):
        return False
    return bool(_SPEAKER.match(text[start:end])) or bool(_BEFORE.search(before))
