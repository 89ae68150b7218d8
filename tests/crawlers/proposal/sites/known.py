"""Sites of software that is known, in small."""

import json
from datetime import UTC

from tests.crawlers.proposal.sites.built import Built, every, talks


def discuz_replica() -> Built:
    """An index, a board, threads, as the default template of X3.5 writes them."""
    threads, pages = talks(14, 8, 5), {}
    head = '<html><head><meta charset="utf-8"><meta name="generator" content="Discuz! X3.5"><title>{} - 江城论坛 - Powered by Discuz!</title></head><body id="nv_forum"><script>var cookiepre="x",discuz_uid="0";</script>'
    pages["/forum.php"] = pages["/"] = (
        head.format("论坛")
        + '<div id="ct"><table class="fl_tb"><tr><td><h2><a href="forum.php?mod=forumdisplay&fid=2">亲子</a></h2></td></tr></table></div><div id="frt"></div></body></html>'
    )
    rows = "".join(
        f'<tbody id="normalthread_{one.id}"><tr><th><a href="forum.php?mod=viewthread&tid={one.id}" class="s xst">{one.title}</a></th><td class="by"><cite><a>{one.posts[0].author}</a></cite><em><span>{one.posts[0].at:%Y-%-m-%-d}</span></em></td><td class="num"><a>{len(one.posts) - 1}</a><em>99</em></td><td class="by"><cite><a>x</a></cite><em><a>{one.posts[-1].at:%Y-%-m-%-d %H:%M}</a></em></td></tr></tbody>'
        for one in threads
    )
    pages["/forum.php?mod=forumdisplay&fid=2"] = (
        head.format("亲子") + f'<div id="ct"><table id="threadlisttableid">{rows}</table></div><div id="frt"></div></body></html>'
    )
    for one in threads:
        posts = "".join(
            f'<div id="post_{post.id}"><table><tr><td class="pls"><div class="authi"><a class="xw1" href="home.php?mod=space&uid=1">{post.author}</a></div></td><td class="plc"><em id="authorposton{post.id}">发表于 {post.at:%Y-%-m-%-d %H:%M:%S}</em><div class="pcb"><table><tr><td class="t_f" id="postmessage_{post.id}">{post.text.replace(chr(10), "<br />")}</td></tr></table></div></td></tr></table></div>'
            for post in one.posts
        )
        pages[f"/forum.php?mod=viewthread&tid={one.id}"] = (
            head.format(one.title)
            + f'<div id="pt"><div class="z"><a href="forum.php?mod=forumdisplay&fid=2">亲子</a></div></div><span id="thread_subject">{one.title}</span><div id="postlist">{posts}</div><div id="frt"></div></body></html>'
        )
    return Built("/forum.php", pages, every(threads), other_starts=(f"/forum.php?mod=viewthread&tid={threads[2].id}",))


def phpbb_replica() -> Built:
    """An index, a board, threads, as prosilver writes them."""
    threads, pages = talks(15, 7, 5), {}

    def frame(body: str) -> str:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>社区 - 首页</title></head><body id="phpbb">{body}</body></html>'

    pages["/index.php"] = pages["/"] = frame(
        '<ul class="topiclist forums"><li class="row"><a href="./viewforum.php?f=2&sid=abc" class="forumtitle">综合</a></li></ul>'
    )
    rows = "".join(
        f'<li class="row bg1"><dl><dt><a href="./viewtopic.php?f=2&t={one.id}&sid=abc" class="topictitle">{one.title}</a></dt><dd class="posts">{len(one.posts) - 1}</dd><dd class="lastpost"><time datetime="{one.posts[-1].at.isoformat()}">x</time></dd></dl></li>'
        for one in threads
    )
    pages["/viewforum.php?f=2"] = pages["/viewforum.php?f=2&sid=abc"] = frame(f'<ul class="topiclist topics">{rows}</ul>')
    for one in threads:
        posts = "".join(
            f'<div id="p{post.id}" class="post has-profile bg2"><div class="postbody"><h3><a href="#p{post.id}">{one.title}</a></h3><p class="author">由 <a class="username" href="./memberlist.php?u=2">{post.author}</a> » <time datetime="{post.at.isoformat()}">x</time></p><div class="content">{post.text.replace(chr(10), "<br>")}</div></div></div>'
            for post in one.posts
        )
        pages[f"/viewtopic.php?t={one.id}"] = frame(
            f'<h2 class="topic-title"><a href="./viewtopic.php?t={one.id}">{one.title}</a></h2>{posts}'
        )
    return Built("/", pages, every(threads))


def wordpress_replica() -> Built:
    """A school's site: REST interface with posts and comments."""
    threads, pages = talks(16, 6, 4), {}

    def gmt(at) -> str:
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"

    posts = [
        {
            "id": one.id,
            "date_gmt": gmt(one.posts[0].at),
            "link": f"/?p={one.id}",
            "title": {"rendered": one.title},
            "content": {"rendered": one.posts[0].text.replace("\n", "<br>")},
            "author": 1,
            "status": "publish",
            "_embedded": {"author": [{"name": one.posts[0].author}]},
        }
        for one in threads
    ]
    comments = [
        {
            "id": post.id,
            "post": one.id,
            "parent": 0,
            "author_name": post.author,
            "date_gmt": gmt(post.at),
            "content": {"rendered": f"<p>{post.text}</p>".replace("\n", "<br>")},
        }
        for one in threads
        for post in one.posts[1:]
    ]
    kind = {"Content-Type": "application/json"}
    pages["/"] = (
        '<!doctype html><html><head><meta charset=utf-8><title>育才中学</title><link rel="https://api.w.org/" href="/wp-json/"></head><body><h1>育才中学</h1></body></html>'
    )
    pages["/wp-json/wp/v2/posts?per_page=50&_embed=author%2Cwp%3Aterm"] = (
        200,
        {**kind, "X-WP-TotalPages": "1"},
        json.dumps(posts).encode(),
    )
    pages["/wp-json/wp/v2/comments?per_page=50"] = (200, {**kind, "X-WP-TotalPages": "1"}, json.dumps(comments).encode())
    return Built("/", pages, every(threads))
