"""Sites written after the search had been mended for the first four that were held back; measured once as well."""

from tests.crawlers.proposal.sites.built import Built, every, in_pages, talks


def school_forum_xhtml() -> Built:
    """An old PHP board in XHTML: an index with groups of boards, `sid` in addresses, author cell beside text, signature below a line."""
    groups = {1: ("同学会", talks(51, 8, 12, first_id=3000)), 2: ("教师园地", talks(52, 5, 5, first_id=6000))}
    pages: dict[str, object] = {}
    head = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x"><html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"/><title>{}</title></head><body><div id="wrapheader"><a href="index.php">母校论坛</a> <a href="ucp.php?mode=login">登入</a></div>'
    boards = "".join(
        f'<tr><td class="row1"><a class="forumlink" href="list.php?f={key}">{name}</a><p class="forumdesc">{name}的讨论</p></td><td class="row2">{len(threads)}</td><td class="row2"><p class="topicdetails">{threads[0].posts[-1].at:%Y-%m-%d %H:%M}</p><p><a href="user.php?u=3">{threads[0].posts[-1].author}</a></p></td></tr>'
        for key, (name, threads) in groups.items()
    )
    pages["/index.php"] = pages["/"] = (
        head.format("母校论坛")
        + f'<table class="tablebg"><tr><th>版面</th><th>主题</th><th>最后发表</th></tr>{boards}</table></body></html>'
    )
    for key, (name, threads) in groups.items():
        rows = "".join(
            f'<tr><td class="row1"><a class="topictitle" href="topic.php?f={key}&amp;t={one.id}">{one.title}</a></td><td class="row2"><p class="topicauthor"><a href="user.php?u=5">{one.posts[0].author}</a></p></td><td class="row1"><p class="topicdetails">{len(one.posts) - 1}</p></td><td class="row2"><p class="topicdetails">{one.id}</p></td><td class="row1"><p class="topicdetails">{one.posts[-1].at:%Y-%m-%d %H:%M}</p></td></tr>'
            for one in threads
        )
        pages[f"/list.php?f={key}"] = (
            head.format(name)
            + f'<h2>{name}</h2><table class="tablebg"><tr><th>主题</th><th>作者</th><th>回复</th><th>阅读</th><th>最后发表</th></tr>{rows}</table></body></html>'
        )
        for one in threads:
            parts = in_pages(one.posts, 7)
            for number, part in enumerate(parts, 1):
                posts = "".join(
                    f'<table class="tablebg" cellspacing="1"><tr class="row1"><td align="center"><a name="p{post.id}"></a><b class="postauthor">{post.author}</b></td><td><div style="float:left"><b>文章主题:</b> {one.title}</div><div style="float:right"><b>发表于:</b> {post.at:%Y-%m-%d %H:%M}</div></td></tr><tr class="row1"><td class="profile"><b>注册:</b> 2019-03-02<br/><b>文章:</b> 12</td><td><div class="postbody">{post.text.replace(chr(10), "<br/>")}</div><div class="postbody"><br/>_________________<br/>母校我爱你</div></td></tr></table>'
                    for post in part
                )
                pager = "上一页 " * (number > 1) + (
                    f'<a href="topic.php?f={key}&amp;t={one.id}&amp;start={number * 7}">下一页</a>' if number < len(parts) else ""
                )
                pages[f"/topic.php?f={key}&t={one.id}" + (f"&start={(number - 1) * 7}" if number > 1 else "")] = (
                    head.format(f"{one.title} - 母校论坛")
                    + f'<div id="pageheader"><h2><a class="titles" href="topic.php?f={key}&amp;t={one.id}">{one.title}</a></h2></div><div id="pagecontent">{posts}<p class="gensmall">{pager}</p></div></body></html>'
                )
    return Built("/", pages, [post for _, threads in groups.values() for post in every(threads)])


def mailing_list() -> Built:
    """Plain pages of a parents' mailing list: a list of subjects, each message a page with a head of lines."""
    threads, pages = talks(53, 14, 1), {}
    items = "".join(f'<li><a href="msg{one.id:05d}.html">{one.title}</a>, <em>{one.posts[0].author}</em></li>' for one in threads)
    pages["/archive/"] = (
        f"<html><head><meta charset=utf-8><title>家委会邮件列表</title></head><body><h1>家委会邮件列表</h1><ul>{items}</ul></body></html>"
    )
    for one in threads:
        post = one.posts[0]
        pages[f"/archive/msg{one.id:05d}.html"] = (
            f"<html><head><meta charset=utf-8><title>{one.title}</title></head><body><h1>{one.title}</h1><ul class=head><li><strong>From</strong>: {post.author}</li><li><strong>Date</strong>: {post.at:%a, %d %b %Y %H:%M:%S} +0800</li></ul><hr><pre class=body>{post.text}</pre><hr><p><a href=index.html>索引</a></p></body></html>"
        )
    return Built("/archive/", pages, every(threads))


def gallery_cards() -> Built:
    """A second-hand market: cards in a grid, the item by its seller, and messages under it with a line in grey for name and time."""
    threads, pages = talks(54, 12, 7), {}
    parts = in_pages(threads, 6)
    for number, part in enumerate(parts, 1):
        cards = "".join(
            f'<div class="grid-item"><a href="/item/{one.id}/" class="pic"><img src="/p{one.id}.jpg" alt="{one.title}"/></a><div class="grid-text"><a href="/item/{one.id}/">{one.title}</a><div class="price">￥{one.id}</div><div class="seller">{one.posts[0].author}</div><div class="grid-foot">{one.posts[0].at:%Y.%m.%d}<span class="msgs">{len(one.posts) - 1}条留言</span></div></div></div>'
            for one in part
        )
        pager = "".join(
            f'<li class="{"on" if n == number else ""}">{f"<span>{n}</span>" if n == number else f"<a href=/market/p{n}/>{n}</a>"}</li>'
            for n in range(1, len(parts) + 1)
        )
        pages["/market/" if number == 1 else f"/market/p{number}/"] = (
            f'<!doctype html><html><head><meta charset="utf-8"/><title>跳蚤市场-幸福里社区</title></head><body><div class="topnav"><a href="/">首页</a><a href="/market/">跳蚤市场</a><a href="/news/">社区新闻</a></div><div class="grid">{cards}</div><ul class="pages">{pager}</ul></body></html>'
        )
    for one in threads:
        first, *rest = one.posts
        messages = "".join(
            f'<div class="msg-row"><div class="grey">{post.author} &nbsp; {post.at:%Y-%m-%d %H:%M}</div><div class="msg-words">{post.text.replace(chr(10), "<br/>")}</div></div>'
            for post in rest
        )
        pages[f"/item/{one.id}/"] = (
            f'<!doctype html><html><head><meta charset="utf-8"/><title>{one.title}-跳蚤市场-幸福里社区</title></head><body><div class="topnav"><a href="/">首页</a><a href="/market/">跳蚤市场</a><a href="/news/">社区新闻</a></div><div class="item-box"><div class="item-title">{one.title}</div><div class="item-meta"><span>卖家：<b class="sell">{first.author}</b></span><span>发布时间：<em>{first.at:%Y-%m-%d %H:%M}</em></span><span>浏览：{one.id}次</span></div><div class="item-words">{first.text.replace(chr(10), "<br/>")}</div></div><div class="msg-box"><h3>留言</h3>{messages}</div></body></html>'
        )
    return Built("/market/", pages, every(threads))


def accessible_html5() -> Built:
    """HTML5 with sections and microformats, times in words, replies as nested articles."""
    threads, pages = talks(55, 9, 6), {}

    def spoken(at) -> str:
        return f"{at.year}年{at.month}月{at.day}日 {'上午' if at.hour < 12 else '下午'}{(at.hour - 1) % 12 + 1}点{at.minute:02d}分"

    items = "".join(
        f'<li><h3><a href="/talk/{one.id}-a-b-c">{one.title}</a></h3><p>{one.posts[0].author} 发起，{len(one.posts) - 1} 个回应，最近回应 {spoken(one.posts[-1].at)}</p></li>'
        for one in threads
    )
    pages["/talks"] = (
        f'<!doctype html><html lang=zh><head><meta charset=utf-8><title>社区议事厅</title></head><body><header role=banner><a href="/">社区议事厅</a></header><main><h1>正在讨论</h1><ol>{items}</ol></main></body></html>'
    )
    for one in threads:
        first, *rest = one.posts
        replies = "".join(
            f'<article id="reply-{post.id}"><header><p><strong>{post.author}</strong> 回应于 <span>{spoken(post.at)}</span></p></header><section>{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}</section><footer><a href="/talk/{one.id}/reply/{post.id}">回复</a></footer></article>'
            for post in rest
        )
        pages[f"/talk/{one.id}-a-b-c"] = (
            f'<!doctype html><html lang=zh><head><meta charset=utf-8><title>{one.title} — 社区议事厅</title></head><body><header role=banner><a href="/">社区议事厅</a></header><main><article id="talk-{one.id}"><header><h1>{one.title}</h1><p><strong>{first.author}</strong> 发起于 <span>{spoken(first.at)}</span></p></header><section>{"".join(f"<p>{line}</p>" for line in first.text.splitlines())}</section></article><h2>回应</h2>{replies}</main></body></html>'
        )
    return Built("/talks", pages, every(threads))
