"""Pages that say with status 200 that what was asked for is no longer there."""

import re
from typing import Final

from scrapy.http import TextResponse

from crawlers.page_text import element_text

LITTLE: Final = 400
"""Characters of visible text up to which a page can be nothing but such a notice."""
_GONE: Final = re.compile(
    r"(?:主题|主題|帖子?|贴子?|话题|文章|页面|頁面|内容|信息|记录|链接)[^。！\n]{0,16}?(?:不存在|已?(?:经)?被?(?:作者|管理员|版主)?(?:删除|刪除|移除))"
    r"|(?:不存在|已被?删除|已被?刪除)的?(?:主题|主題|帖子?|贴子?|话题|文章|页面)"
    r"|(?:topic|thread|post|page|discussion)\b.{0,40}?\b(?:do(?:es not|esn't) exist|not found|(?:was|been) (?:deleted|removed))",
    re.IGNORECASE,
)
_CHROME: Final = ("header", "footer", "nav", "aside", "select", "[role=navigation]", "[role=banner]")


def says_gone(page: TextResponse) -> bool:
    """Whether that is all that the page says. For pages on which no post was found: one with posts is content."""
    body = page.css("body")
    text = " ".join(element_text(body[0], _CHROME).split()) if body else ""
    return len(text) <= LITTLE and bool(_GONE.search(text))
