"""Sites of uncommon make."""

from datetime import timedelta

from tests.crawlers.proposal.sites.built import NOW, Built, every, in_pages, talks


def definition_list() -> Built:
    """Posts as pairs of dt and dd, author and time in one sentence, UTF-8 that nobody states."""
    threads, pages = talks(21, 8, 7), {}
    items = "".join(
        f"<li><a href='read.php?tid={one.id}'>{one.title}</a> <i>({len(one.posts)}帖, {one.posts[-1].at:%Y.%m.%d %H:%M})</i></li>"
        for one in threads
    )
    pages["/bbs/"] = f"<html><head><title>乡亲论坛</title></head><body><h1>乡亲论坛</h1><ul>{items}</ul></body></html>"
    for one in threads:
        posts = "".join(
            f"<dt>{post.author} 于 {post.at:%Y-%m-%d %H:%M} 说：</dt><dd>{post.text.replace(chr(10), '<br/>')}</dd>"
            for post in one.posts
        )
        pages[f"/bbs/read.php?tid={one.id}"] = (
            f"<html><head><title>{one.title} - 乡亲论坛</title></head><body><a href='/bbs/'>返回列表</a><h2>{one.title}</h2><dl>{posts}</dl></body></html>"
        )
    return Built(
        "/bbs/", {path: (200, {"Content-Type": "text/html"}, page.encode()) for path, page in pages.items()}, every(threads)
    )


def comment_tree() -> Built:
    """A news site: an article with comments nested in comments."""
    threads, pages = talks(22, 8, 9), {}

    def tree(posts: list) -> str:
        if not posts:
            return ""
        first, *rest = posts
        inner = rest[: len(rest) // 2]
        return (
            f'<li class="cmt" id="li-comment-{first.id}"><div class="cmt-body"><div class="cmt-meta"><span class="cmt-author">{first.author}</span><a href="#li-comment-{first.id}"><time>{first.at:%Y年%m月%d日 %H:%M}</time></a></div>'
            f'<div class="cmt-text"><p>{first.text.replace(chr(10), "</p><p>")}</p></div><a class="reply" href="?replytocom={first.id}">回复</a></div>{f"<ul class=children>{tree(inner)}</ul>" if inner else ""}</li>{tree(rest[len(inner) :])}'
        )

    items = "".join(
        f'<div class="news-item"><a class="news-title" href="/news/2026/{one.id}.html">{one.title}</a><span class="news-date">{one.posts[0].at:%Y-%m-%d}</span><span class="news-count">{len(one.posts) - 1}评</span></div>'
        for one in threads
    )
    pages["/news/"] = (
        f'<!doctype html><html><head><meta charset=utf-8><title>镇上新闻</title></head><body><nav><a href="/news/">新闻</a><a href="/life/">生活</a></nav><div class="news-list">{items}</div></body></html>'
    )
    for one in threads:
        first, *rest = one.posts
        pages[f"/news/2026/{one.id}.html"] = (
            f'<!doctype html><html><head><meta charset=utf-8><title>{one.title}_镇上新闻</title></head><body><nav><a href="/news/">新闻</a><a href="/life/">生活</a></nav><div class="main"><h1 class="title">{one.title}</h1><p class="byline">记者 <span class="reporter">{first.author}</span> <span class="pub">{first.at:%Y-%m-%d %H:%M}</span></p><div class="article-body"><p>{first.text.replace(chr(10), "</p><p>")}</p></div></div><div id="comments"><ul class="cmts">{tree(rest)}</ul></div></body></html>'
        )
    return Built("/news/", pages, every(threads))


def relative_times() -> Built:
    """A board for telephones: times as 3 小时前 and nothing else."""
    threads, pages = talks(23, 9, 6), {}
    for one in threads:
        for post in one.posts:
            post.at = NOW - timedelta(hours=int((NOW - post.at).total_seconds() // 3600) % 20 + 1)
        one.posts.sort(key=lambda post: post.at)

    def ago(at) -> str:
        return f"{int((NOW - at).total_seconds() // 3600)}小时前"

    items = "".join(
        f'<a class="topic" href="/m/topic/{one.id}"><div class="topic-title">{one.title}</div><div class="topic-foot"><span>{one.posts[0].author}</span><span>{ago(one.posts[-1].at)}</span><span>{len(one.posts) - 1}回</span></div></a>'
        for one in threads
    )
    pages["/m/"] = (
        f'<!doctype html><html><head><meta charset=utf-8><title>掌上社区</title></head><body><div class="list">{items}</div></body></html>'
    )
    for one in threads:
        posts = "".join(
            f'<div class="floor" data-pid="{post.id}"><div class="floor-head"><img src="/a.png"><span class="floor-user">{post.author}</span><span class="floor-no">{number}楼</span></div><div class="floor-body">{post.text.replace(chr(10), "<br>")}</div><div class="floor-foot"><span>{ago(post.at)}</span><span>赞</span></div></div>'
            for number, post in enumerate(one.posts, 1)
        )
        pages[f"/m/topic/{one.id}"] = (
            f'<!doctype html><html><head><meta charset=utf-8><title>{one.title}</title></head><body><div class="bar"><a href="/m/">掌上社区</a></div><div class="subject">{one.title}</div><div class="floors">{posts}</div></body></html>'
        )
    return Built("/m/", pages, every(threads), forgiving=60)


def timeline() -> Built:
    """Short messages, the newest first, each with an address of its own behind its time."""
    posts = sorted(every(talks(24, 7, 6)), key=lambda post: post.at, reverse=True)
    pages: dict[str, object] = {}
    parts = in_pages(posts, 10)
    for number, part in enumerate(parts, 1):
        body = "".join(
            f'<div class="status" data-sid="{post.id}"><div class="u"><a href="/user/{len(post.author)}" class="uname">@{post.author}</a></div><p class="words">{post.text.replace(chr(10), "<br>")}</p><div class="f"><a class="when" href="/status/{post.id}">{post.at:%Y-%m-%d %H:%M}</a> · <a href="/status/{post.id}#reply">回复</a></div></div>'
            for post in part
        )
        further = f'<a rel="next" href="/?page={number + 1}">下一页</a>' if number < len(parts) else ""
        pages["/" + (f"?page={number}" if number > 1 else "")] = (
            f'<!doctype html><html><head><meta charset=utf-8><title>饭桌</title></head><body><div class="nav"><a href="/login">登录</a></div><div class="stream">{body}</div>{further}</body></html>'
        )
    for post in posts:
        post.author = f"@{post.author}"
        pages[f"/status/{post.id}"] = (
            f'<!doctype html><html><head><meta charset=utf-8><title>饭桌</title></head><body><div class="status" data-sid="{post.id}"><div class="u"><a href="/user/{len(post.author)}" class="uname">{post.author}</a></div><p class="words">{post.text.replace(chr(10), "<br>")}</p><div class="f"><a class="when" href="/status/{post.id}">{post.at:%Y-%m-%d %H:%M}</a></div></div></body></html>'
        )
    return Built("/", pages, posts)


def paired_rows() -> Built:
    """One table: a row for author and time, a row for the text; Big5 is not involved, GBK without a word about it is."""
    threads, pages = talks(25, 7, 12), {}
    rows = "".join(
        f"<tr><td class=a><a href=topic_{one.id}.html>{one.title}</a></td><td class=b>{one.posts[0].author}</td><td class=c>{len(one.posts)}</td><td class=d>{one.posts[-1].at:%m-%d %H:%M}</td></tr>"
        for one in threads
    )
    pages["/forum/"] = f"<html><head><title>老友论坛</title></head><body><table class=tl>{rows}</table></body></html>"
    for one in threads:
        parts = in_pages(one.posts, 8)
        for number, part in enumerate(parts, 1):
            posts = "".join(
                f"<tr class=h><td><a name=p{post.id}></a><span class=n>{post.author}</span></td><td align=right>{post.at:%Y-%m-%d %H:%M:%S}</td></tr><tr class=t><td colspan=2>{post.text.replace(chr(10), '<br>')}</td></tr>"
                for post in part
            )
            pager = (
                " ".join(
                    f"<a href=topic_{one.id}_{n}.html>{n}</a>" if n != number else f"<b>{n}</b>" for n in range(1, len(parts) + 1)
                )
                if len(parts) > 1
                else ""
            )
            pages[f"/forum/topic_{one.id}{f'_{number}' if number > 1 else ''}.html"] = (
                f"<html><head><title>{one.title} 老友论坛</title></head><body><h3>{one.title}</h3><table class=th>{posts}</table><div>{pager}</div></body></html>"
            )
    return Built(
        "/forum/", {path: (200, {"Content-Type": "text/html"}, page.encode("gbk")) for path, page in pages.items()}, every(threads)
    )


def one_cell() -> Built:
    """Messages of which nothing but the name stands in an element."""
    posts = sorted(every(talks(26, 5, 6)), key=lambda post: post.at, reverse=True)
    body = "".join(
        f"<div class=msg><b>{post.author}</b> {post.at:%Y-%m-%d %H:%M}<br>{post.text.replace(chr(10), '<br>')}</div>"
        for post in posts
    )
    return Built(
        "/book.html",
        {"/book.html": f"<html><head><meta charset=utf-8><title>签名簿</title></head><body><h1>签名簿</h1>{body}</body></html>"},
        posts,
    )


def server_rendered() -> Built:
    """Rendered by a framework: scoped attributes, nameless wrappers, month and day only, a list that has categories."""
    threads, pages = talks(27, 14, 8), {}
    for one in threads:
        for post in one.posts:
            post.at = NOW - (NOW - post.at) % timedelta(days=90) - timedelta(hours=1)
        one.posts.sort(key=lambda post: post.at)

    def frame(title: str, body: str) -> str:
        return f'<!DOCTYPE html><html data-n-head-ssr><head><meta charset="utf-8"><title>{title}</title><link href="/_nuxt/x.css" rel="stylesheet"></head><body><div id="__nuxt"><div data-v-1a2b3c class="layout"><div data-v-1a2b3c class="layout-header"><a href="/" data-v-1a2b3c>业主之家</a><a href="/c/1" data-v-1a2b3c>物业</a><a href="/c/2" data-v-1a2b3c>亲子</a></div><div class="layout-main" data-v-1a2b3c>{body}</div></div></div><script>window.__NUXT__={{}}</script></body></html>'

    def items(part: list) -> str:
        return "".join(
            f'<div data-v-77aa class="post-item"><div data-v-77aa><div data-v-77aa class="post-item__title"><a href="/p/{one.id}" data-v-77aa><span data-v-77aa>{one.title}</span></a></div><div data-v-77aa class="post-item__info"><span data-v-77aa class="ellipsis">{one.posts[0].author}</span><span data-v-77aa>{one.posts[-1].at:%m-%d %H:%M}</span><a href="/c/{one.id % 2 + 1}">{("物业", "亲子")[one.id % 2]}</a><span data-v-77aa><i class="icon-eye"></i>{one.id * 3}</span><span data-v-77aa><i class="icon-msg"></i>{len(one.posts) - 1}</span></div></div></div>'
            for one in part
        )

    parts = in_pages(threads, 8)
    for number, part in enumerate(parts, 1):
        pager = "".join(
            f'<a class="{"page current" if n == number else "page"}" href="/?p={n}">{n}</a>' for n in range(1, len(parts) + 1)
        )
        pages["/" + (f"?p={number}" if number > 1 else "")] = frame(
            "业主之家", f'<div class="feed" data-v-77aa>{items(part)}</div><div class="pager">{pager}</div>'
        )
        pages[f"/?p={number}"] = pages["/" + (f"?p={number}" if number > 1 else "")]
    for n in (1, 2):
        pages[f"/c/{n}"] = frame(
            "分类", f'<div class="feed" data-v-77aa>{items([one for one in threads if one.id % 2 + 1 == n])}</div>'
        )
    for one in threads:
        first, *rest = one.posts
        replies = "".join(
            f'<div data-v-99bb class="reply" ><div data-v-99bb class="reply__left"><div class="avatar" data-v-99bb>{post.author[0]}</div></div><div data-v-99bb class="reply__right"><div data-v-99bb class="reply__name">{post.author}<span class="tag" data-v-99bb>业主</span></div><div data-v-99bb class="reply__content">{post.text.replace(chr(10), "<br>")}</div><div data-v-99bb class="reply__bottom"><span data-v-99bb>{post.at:%m-%d %H:%M}</span><span data-v-99bb class="btn">回复</span></div></div></div>'
            for post in rest
        )
        pages[f"/p/{one.id}"] = frame(
            one.title,
            f'<div class="detail" data-v-99bb><h1 data-v-99bb>{one.title}</h1><div class="detail__info" data-v-99bb><span class="detail__author" data-v-99bb>{first.author}</span><span data-v-99bb>{first.at:%m-%d %H:%M}</span><span data-v-99bb>阅读 {one.id}</span></div><div class="detail__content" data-v-99bb>{"".join(f"<p>{line}</p>" for line in first.text.splitlines())}</div></div><div class="replies" data-v-99bb>{replies}</div>',
        )
    return Built("/", pages, every(threads))
