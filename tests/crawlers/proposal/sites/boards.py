"""Forums that nobody has seen."""

from tests.crawlers.proposal.sites.built import NOW, Built, every, in_pages, talks


def table_forum_2005() -> Built:
    """Tables without classes, GBK, ASP addresses, author and time within sentences, no ids anywhere."""
    threads, pages = talks(1, 14, 13), {}
    head = "<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><title>{} - 阳光社区论坛</title></head><body bgcolor=#FFFFFF>"
    top = "<table width=760 align=center><tr><td><a href=index.asp>首页</a> | <a href=reg.asp>注册</a> | <a href=login.asp>登录</a></td></tr></table>"
    for number, part in enumerate(in_pages(threads, 8), 1):
        rows = "".join(
            f"<tr bgcolor=#F{number}F5F0><td>◆</td><td><a href=show.asp?id={one.id}>{one.title}</a></td><td>{one.posts[0].author}</td>"
            f"<td>{len(one.posts) - 1}</td><td>{one.id * 3}</td><td>{one.posts[-1].at:%Y-%-m-%-d %H:%M}</td></tr>"
            for one in part
        )
        pager = (
            f"<p align=center>第{number}页 "
            + (f"<a href=index.asp?page={number + 1}>下一页</a>" if number * 8 < len(threads) else "下一页")
            + "</p>"
        )
        page = f"{head.format('首页')}{top}<table width=760 align=center border=1><tr><td></td><td>主题</td><td>作者</td><td>回复</td><td>人气</td><td>最后回复</td></tr>{rows}</table>{pager}</body></html>"
        pages["/index.asp" + (f"?page={number}" if number > 1 else "")] = page
    pages["/"] = pages["/index.asp"]
    for one in threads:
        for number, part in enumerate(in_pages(one.posts, 10), 1):
            posts = "".join(
                f"<table width=760 align=center border=1><tr><td width=150 valign=top><b>{post.author}</b><br>等级：社区居民<br>注册：2004-5-{post.id % 27 + 1}</td>"
                f"<td valign=top><font color=gray>发表于 {post.at:%Y-%-m-%-d %H:%M:%S}</font><hr><p>{post.text.replace(chr(10), '<br>')}</p></td></tr></table><br>"
                for post in part
            )
            pager = f"<p><a href=show.asp?id={one.id}&page={number + 1}>下一页</a></p>" if number * 10 < len(one.posts) else ""
            pages[f"/show.asp?id={one.id}" + (f"&page={number}" if number > 1 else "")] = (
                f"{head.format(one.title)}{top}<table width=760 align=center><tr><td><font size=4><b>{one.title}</b></font></td></tr></table>{posts}{pager}</body></html>"
            )
    return Built("/", pages, every(threads), "gbk")


def div_soup() -> Built:
    """Divs with class names of a build step, posts in a flat row of divs, relative addresses."""
    threads, pages = talks(2, 16, 8, quotes=True), {}

    def frame(title: str, body: str) -> str:
        return f"<!doctype html><html><head><meta charset=utf-8><title>{title} | 邻里圈</title></head><body><div id=app><div class='css-1x2y3z'><div class='css-9ab8cd'><a href='/'>邻里圈</a><a href='/login'>登录</a></div>{body}</div></div></body></html>"

    for number, part in enumerate(in_pages(threads, 6), 1):
        rows = "".join(
            f"<div class='css-k2j4h1'><div class='css-p0o9i8'><div><a href='/t/{one.id}'>{one.title}</a></div><div><a href='/u/{one.posts[0].author}'>{one.posts[0].author}</a>"
            f"<span>{len(one.posts) - 1} 条回复</span><span title='{one.posts[-1].at.isoformat()}'>{_ago(one.posts[-1].at)}</span></div></div></div>"
            for one in part
        )
        pager = "".join(
            f"<a href='/?page={n}'>{n}</a>" if n != number else f"<b>{n}</b>" for n in range(1, len(in_pages(threads, 6)) + 1)
        )
        pages["/" + (f"?page={number}" if number > 1 else "")] = frame(
            "最新", f"<div>{rows}</div><div class='css-pg77aa'>{pager}</div>"
        )
    for one in threads:
        posts = "".join(
            f"<div class='css-q1w2e3' data-key='{post.id}'><div class='css-r4t5y6'><a href='/u/{post.author}'>{post.author}</a><span title='{post.at.isoformat()}'>{_ago(post.at)}</span></div>"
            f"<div class='css-a7s8d9'>{_quote(post)}{''.join(f'<div>{line}</div>' for line in post.text.splitlines())}</div><div class='css-f0g1h2'><span>点赞</span><span>回复</span></div></div>"
            for post in one.posts
        )
        pages[f"/t/{one.id}"] = frame(one.title, f"<div class='css-h3h3h3'>{one.title}</div><div>{posts}</div>")
    return Built("/", pages, every(threads))


def _quote(post) -> str:
    return f"<blockquote>{post.quotes.author} 说：{post.quotes.text[:12]}</blockquote>" if post.quotes else ""


def _ago(at) -> str:
    days = (NOW - at).days
    return f"{days} 天前" if days else "今天"


def bootstrap_board() -> Built:
    """An index of boards, Bootstrap, threads over several pages, Chinese dates, edited notes and signatures."""
    boards = {
        "parents": ("家长交流", talks(3, 9, 14, quotes=True, first_id=2000)),
        "life": ("生活服务", talks(4, 11, 6, first_id=5000)),
        "sale": ("二手市场", talks(5, 6, 5, first_id=8000)),
    }
    pages: dict[str, object] = {}

    def frame(title: str, body: str) -> str:
        return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{title} - 同城论坛</title></head><body>
<nav class="navbar navbar-expand"><div class="container"><a class="navbar-brand" href="/">同城论坛</a><a href="/user/login">登录</a><a href="/about">关于我们</a></div></nav>
<main class="container py-3">{body}</main><footer class="footer text-muted"><a href="/help">帮助中心</a></footer></body></html>"""

    cards = "".join(
        f"""<div class="row border-bottom py-2 forum-item"><div class="col-6"><h5><a href="/forum/{key}">{name}</a></h5><small class="text-muted">{name}相关的话题都在这里</small></div>
<div class="col-2">{len(threads)} 主题</div><div class="col-4 small"><a href="/topic/{threads[0].id}">{threads[0].title}</a><br>{threads[0].posts[-1].author} · {threads[0].posts[-1].at:%Y年%-m月%-d日 %H:%M}</div></div>"""
        for key, (name, threads) in boards.items()
    )
    pages["/"] = frame("首页", f'<div class="card"><div class="card-body">{cards}</div></div>')
    for key, (name, threads) in boards.items():
        for number, part in enumerate(in_pages(threads, 5), 1):
            rows = "".join(
                f"""<tr class="{"table-warning" if place == 0 and number == 1 else ""}"><td><a class="topic-link" href="/topic/{one.id}">{one.title}</a></td><td><a href="/user/{one.posts[0].id}">{one.posts[0].author}</a></td>
<td class="text-center">{len(one.posts) - 1}</td><td class="text-center">{one.id * 2}</td><td class="small">{one.posts[-1].at:%Y年%-m月%-d日 %H:%M}</td></tr>"""
                for place, one in enumerate(part)
            )
            count = len(in_pages(threads, 5))
            pager = "".join(
                f'<li class="page-item{" active" if n == number else ""}"><a class="page-link" href="/forum/{key}?page={n}">{n}</a></li>'
                for n in range(1, count + 1)
            )
            pages[f"/forum/{key}" + (f"?page={number}" if number > 1 else "")] = frame(
                name,
                f'<ol class="breadcrumb"><li><a href="/">首页</a></li><li class="active">{name}</li></ol><table class="table table-hover"><thead><tr><th>主题</th><th>作者</th><th>回复</th><th>浏览</th><th>最后回复</th></tr></thead><tbody>{rows}</tbody></table><ul class="pagination">{pager}</ul>',
            )
        for one in threads:
            parts = in_pages(one.posts, 6)
            for number, part in enumerate(parts, 1):
                posts = "".join(
                    f"""<div class="card mb-3 post-card" id="post-{post.id}"><div class="card-header d-flex"><strong class="me-2"><a href="/user/{len(post.author)}">{post.author}</a></strong>
<span class="text-muted">发表于 {post.at:%Y年%-m月%-d日 %H:%M}</span><a class="ms-auto" href="#post-{post.id}">#{(number - 1) * 6 + place + 1}</a></div><div class="card-body">
<div class="post-content">{_cite(post)}{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}{'<p class="edit-note">本帖最后由 版主 于 2026-1-5 10:00 编辑</p>' if post.id % 5 == 0 else ""}</div>
<div class="signature">我的签名：快乐每一天</div></div><div class="card-footer"><a href="/reply?id={post.id}">回复</a> <a href="/report?id={post.id}">举报</a></div></div>"""
                    for place, post in enumerate(part)
                )
                pager = (
                    "".join(
                        f'<li class="page-item{" active" if n == number else ""}"><a class="page-link" href="/topic/{one.id}?page={n}">{n}</a></li>'
                        for n in range(1, len(parts) + 1)
                    )
                    if len(parts) > 1
                    else ""
                )
                pages[f"/topic/{one.id}" + (f"?page={number}" if number > 1 else "")] = frame(
                    one.title,
                    f'<ol class="breadcrumb"><li><a href="/">首页</a></li><li><a href="/forum/{key}">{name}</a></li></ol><h1 class="h4">{one.title}</h1>{posts}<ul class="pagination">{pager}</ul>',
                )
    return Built("/", pages, [post for _, threads in boards.values() for post in every(threads)], other_starts=("/forum/life",))


def _cite(post) -> str:
    return (
        f'<blockquote class="quote"><a href="#post-{post.quotes.id}">{post.quotes.author}</a>: {post.quotes.text[:10]}</blockquote>'
        if post.quotes
        else ""
    )


def cards() -> Built:
    """A list of cards with excerpts and relative times; the first post has another make than the replies."""
    threads, pages = talks(6, 15, 7), {}

    def when(at) -> str:
        return f'<time datetime="{at:%Y-%m-%dT%H:%M:%S+08:00}">{_ago(at)}</time>'

    def frame(title: str, body: str) -> str:
        return f'<!doctype html><html><head><meta charset="utf-8"><title>{title} · 小镇故事</title></head><body><header class="site-header"><a href="/">小镇故事</a></header>{body}<aside class="sidebar"><h3>热门</h3><ul>{"".join(f"<li><a href=/s/{one.id}-topic>{one.title}</a></li>" for one in threads[:5])}</ul></aside><footer>© 小镇故事 2026</footer></body></html>'

    for number, part in enumerate(in_pages(threads, 6), 1):
        items = "".join(
            f'<article class="story-card"><a class="cover" href="/s/{one.id}-topic"><img src="/i/{one.id}.jpg"></a><h2><a href="/s/{one.id}-topic">{one.title}</a></h2><p class="excerpt">{one.posts[0].text[:30]}…</p><div class="meta"><span class="name">{one.posts[0].author}</span> {when(one.posts[-1].at)} <span class="comments">{len(one.posts) - 1}</span></div></article>'
            for one in part
        )
        further = f'<a class="load-more" href="/page/{number + 1}">更早的故事</a>' if number * 6 < len(threads) else ""
        pages["/" if number == 1 else f"/page/{number}"] = frame("首页", f'<main class="stories">{items}</main>{further}')
    for one in threads:
        first, *rest = one.posts
        comments = "".join(
            f'<li class="comment" id="c{post.id}"><div class="who"><b>{post.author}</b> {when(post.at)}</div><div class="what">{post.text.replace(chr(10), "<br>")}</div></li>'
            for post in rest
        )
        pages[f"/s/{one.id}-topic"] = frame(
            one.title,
            f'<main class="story"><h1>{one.title}</h1><div class="byline"><span class="name">{first.author}</span> {when(first.at)}</div><div class="story-text">{"".join(f"<p>{line}</p>" for line in first.text.splitlines())}</div></main><section class="comments"><h2>{len(rest)} 条评论</h2><ol>{comments}</ol></section>',
        )
    return Built("/", pages, every(threads))
