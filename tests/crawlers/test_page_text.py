import pytest
from parsel import Selector

from crawlers.page_text import element_text, fragment_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>一</p><p>二<br>三</p>", "一\n\n二\n三"),
        ("<div>一</div>\n<div>二</div>", "一\n二"),
        ("a <b>b</b>   c\n d", "a b c d"),
        ("a<script>x()</script><style>y</style><!-- z -->b", "ab"),
        ("&lt;b&gt; &amp; &nbsp;“”", "<b> & “”"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n二"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("\u3000\u3000缩进", "\u3000\u3000缩进"),
        ("<p> </p><p>只有这段</p><br>", "只有这段"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_sees(markup, text):
    assert fragment_text(markup) == text


def test_dropped_elements_leave_no_trace():
    body = Selector("<div class=b>前<blockquote>引用</blockquote>中<i class=e>编辑</i>后</div>").css(".b")[0]
    assert element_text(body, ["blockquote", ".e"]) == "前中后"
    assert element_text(body, ["blockquote", ".e"]) == "前中后"  # the page itself is not changed
