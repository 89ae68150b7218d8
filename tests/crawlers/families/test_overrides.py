"""A known family with a template of the site's own."""

import pytest
from pydantic import ValidationError

from crawlers.families import FAMILIES
from crawlers.source import Source
from tests.crawlers.families.pages import NOW, page, source

THREAD = """<body id=phpbb><h2 class=topic-title><a href="./viewtopic.php?t=7">题</a></h2><div id=p31 class="post"><p class=author>
<b class=who>小明</b> <time datetime="2026-01-02T04:00:00+00:00">x</time></p><div class=own-text>正文</div></div></body>"""


def overridden(**overrides) -> Source:
    return Source.model_validate(source("phpbb", "https://forum.example/").model_dump() | {"overrides": overrides})


def test_single_selectors_replace_the_familys_and_the_others_stay():
    shown = page(THREAD, "https://forum.example/viewtopic.php?t=7")
    plain = FAMILIES["phpbb"].read_thread(shown, source("phpbb", "https://forum.example/"), NOW, first=True)
    assert plain.posts[0].trouble.startswith("selectors.thread.body")
    changed = overridden(thread={"author": "b.who", "body": ".own-text"})
    (post,) = FAMILIES["phpbb"].read_thread(shown, changed, NOW, first=True).posts
    assert (post.native_id, post.author, post.text, post.title) == ("31", "小明", "正文", "题")


def test_overrides_of_a_family_without_selectors_are_refused():
    with pytest.raises(ValidationError, match="overrides change the selectors of phpbb, phpwind, spirit; family feed has none"):
        Source.model_validate(source("feed", "https://forum.example/feed").model_dump() | {"overrides": {"list": {"row": "tr"}}})
