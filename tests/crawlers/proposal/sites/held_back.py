"""Sites written when the search was done, to see what it makes of what it was not made for. Measured once before anything was changed."""

import json

from tests.crawlers.proposal.sites.built import Built, every, in_pages, talks


def bar() -> Built:
    """A bar of the Tieba kind: JSON in attributes, floor and time in a tail of spans, lists with the day alone."""
    threads, pages = talks(41, 13, 9), {}
    parts = in_pages(threads, 6)
    for number, part in enumerate(parts, 1):
        rows = "".join(
            f'<li class="j_list clearfix" data-field=\'{json.dumps({"id": one.id, "reply_num": len(one.posts) - 1})}\'><div class="col_left"><span class="rep_num" title="回复">{len(one.posts) - 1}</span></div><div class="col_right"><div class="line"><div class="tit_lz"><a rel="noopener" href="/p/{one.id}" title="{one.title}" class="j_tit">{one.title}</a></div><div class="author_rep"><span class="tb_icon_author" title="主题作者: {one.posts[0].author}"><a href="/home/main?un={one.posts[0].author}">{one.posts[0].author}</a></span><span class="is_show_create_time">{one.posts[0].at:%-m-%-d}</span></div></div><div class="line detail"><div class="abs">{one.posts[0].text[:20]}</div><span class="rep_date" title="最后回复时间">{one.posts[-1].at:%-m-%-d}</span></div></div></li>'
            for one in part
        )
        pager = "".join(
            f'<a href="/f?kw=school&pn={(n - 1) * 6}" class="pagination-item">{n}</a>'
            if n != number
            else f'<span class="pagination-current">{n}</span>'
            for n in range(1, len(parts) + 1)
        )
        further = (
            f'<a href="/f?kw=school&pn={number * 6}" class="next pagination-item">下一页&gt;</a>' if number < len(parts) else ""
        )
        pages["/f?kw=school" + (f"&pn={(number - 1) * 6}" if number > 1 else "")] = (
            f'<!DOCTYPE html><html><head><meta charset="UTF-8"><title>实验学校吧-贴吧</title></head><body><div class="head"><a href="/">贴吧</a></div><ul id="thread_list">{rows}</ul><div id="pager">{pager}{further}</div></body></html>'
        )
    for one in threads:
        pieces = in_pages(one.posts, 5)
        for number, part in enumerate(pieces, 1):
            posts = "".join(
                f'<div class="l_post clearfix" data-field=\'{json.dumps({"author": {"user_name": "x"}, "content": {"post_id": post.id}})}\'><div class="d_author"><ul><li class="icon"><a href="/home/main?un={post.author}"><img src="/u.png"></a></li><li class="d_name"><a class="p_author_name" href="/home/main?un={post.author}">{post.author}</a></li><li class="badge">初级粉丝 3</li></ul></div><div class="d_post_content_main"><div class="p_content"><cc><div id="post_content_{post.id}" class="d_post_content">{post.text.replace(chr(10), "<br>")}</div></cc></div><div class="core_reply"><div class="core_reply_tail"><a class="complain" href="#">举报</a><span class="tail-info">来自手机客户端</span><span class="tail-info">{(number - 1) * 5 + place}楼</span><span class="tail-info">{post.at:%Y-%m-%d %H:%M}</span></div></div></div></div>'
                for place, post in enumerate(part, 1)
            )
            further = (
                f'<li class="l_pager"><span class="tP">{number}</span><a href="/p/{one.id}?pn={number + 1}">{number + 1}</a><a href="/p/{one.id}?pn={number + 1}">下一页</a></li>'
                if number < len(pieces)
                else ""
            )
            pages[f"/p/{one.id}" + (f"?pn={number}" if number > 1 else "")] = (
                f'<!DOCTYPE html><html><head><meta charset="UTF-8"><title>{one.title}_实验学校吧</title></head><body><div class="card_title"><a href="/f?kw=school">实验学校吧</a></div><h3 class="core_title_txt" title="{one.title}">{one.title}</h3><div id="j_p_postlist">{posts}</div><ul>{further}</ul></body></html>'
            )
    return Built("/f?kw=school", pages, every(threads))


def english_tables() -> Built:
    """A board of the vBulletin 3 kind in English: nested tables, joining dates beside every post, 12-hour clock."""
    threads, pages = talks(42, 10, 8), {}

    def when(at) -> str:
        return f"{at:%B %-d, %Y}, {at:%I:%M %p}"

    rows = "".join(
        f'<tr><td class="alt2"><img src="st.gif"></td><td class="alt1" id="td_title_{one.id}"><div><a href="showthread.php?t={one.id}" id="thread_title_{one.id}">{one.title}</a></div><div class="smallfont"><span style="cursor:pointer" onclick="window.open(\'member.php?u=1\')">{one.posts[0].author}</span></div></td><td class="alt2"><div class="smallfont" style="text-align:right">{when(one.posts[-1].at)}<br>by <a href="member.php?find=lastposter&amp;t={one.id}">{one.posts[-1].author}</a></div></td><td class="alt1" align="center"><a href="misc.php?do=whoposted&amp;t={one.id}">{len(one.posts) - 1}</a></td><td class="alt2" align="center">{one.id * 4}</td></tr>'
        for one in threads
    )
    head = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>{}</title></head><body><table class="tborder"><tr><td><a href="index.php">Expat Parents</a> &gt; <a href="forumdisplay.php?f=4">Schools</a></td></tr></table>'
    pages["/forumdisplay.php?f=4"] = (
        head.format("Schools - Expat Parents")
        + f'<table class="tborder" id="threadslist"><thead><tr><td class="thead" colspan="2">Thread / Starter</td><td class="thead">Last Post</td><td class="thead">Replies</td><td class="thead">Views</td></tr></thead><tbody>{rows}</tbody></table></body></html>'
    )
    for one in threads:
        posts = "".join(
            f'<div align="center"><table id="post{post.id}" class="tborder" width="100%"><tr><td class="thead"><a name="post{post.id}"></a>{when(post.at)}</td><td class="thead" align="right">#<a href="showpost.php?p={post.id}&amp;postcount={number}"><strong>{number}</strong></a></td></tr><tr valign="top"><td class="alt2" width="175"><a class="bigusername" href="member.php?u={post.id % 9}">{post.author}</a><div class="smallfont">Junior Member</div><div class="smallfont">Join Date: Jan 2024<br>Posts: {post.id % 50}</div></td><td class="alt1" id="td_post_{post.id}"><div id="post_message_{post.id}">{post.text.replace(chr(10), "<br />")}</div><div>__________________<br>Have a nice day</div></td></tr></table></div>'
            for number, post in enumerate(one.posts, 1)
        )
        pages[f"/showthread.php?t={one.id}"] = (
            head.format(f"{one.title} - Expat Parents")
            + f'<table class="tborder"><tr><td><strong>{one.title}</strong></td></tr></table><div id="posts">{posts}</div></body></html>'
        )
    return Built("/forumdisplay.php?f=4", pages, every(threads))


def letters() -> Built:
    """A mayor's letter box: tables of labels and values, a letter and the office's answer."""
    threads, pages, truth = talks(43, 12, 2), {}, []
    rows = "".join(
        f'<tr><td>{number}</td><td><a target="_blank" href="xjxq.jsp?xjid={one.id}">{one.title}</a></td><td>教育</td><td>{one.posts[0].at:%Y-%m-%d}</td><td>已办结</td></tr>'
        for number, one in enumerate(threads, 1)
    )
    pages["/szxx/list.jsp"] = (
        f'<html><head><meta charset="utf-8"><title>区长信箱</title></head><body><div class="banner">区长信箱</div><table class="xj"><tr><th>序号</th><th>标题</th><th>类别</th><th>来信时间</th><th>状态</th></tr>{rows}</table></body></html>'
    )
    for one in threads:
        letter, *answers = one.posts
        truth += one.posts
        tables = f'<table class="xjnr"><tr><th>来信人：</th><td class="lxr">{letter.author}</td></tr><tr><th>来信时间：</th><td>{letter.at:%Y-%m-%d %H:%M:%S}</td></tr><tr><th>来信内容：</th><td class="nr">{letter.text.replace(chr(10), "<br>")}</td></tr></table>'
        for answer in answers:
            tables += f'<table class="hfnr"><tr><th>回复单位：</th><td class="hfdw">{answer.author}</td></tr><tr><th>回复时间：</th><td>{answer.at:%Y-%m-%d %H:%M:%S}</td></tr><tr><th>回复内容：</th><td class="nr">{answer.text.replace(chr(10), "<br>")}</td></tr></table>'
        pages[f"/szxx/xjxq.jsp?xjid={one.id}"] = (
            f'<html><head><meta charset="utf-8"><title>区长信箱</title></head><body><div class="banner">区长信箱</div><div class="bt">{one.title}</div>{tables}</body></html>'
        )
    return Built("/szxx/list.jsp", pages, truth)


def utility_classes() -> Built:
    """A modern page whose classes say how things look and never what they are; the next page by a cursor."""
    threads, pages = talks(44, 15, 7, quotes=True), {}

    def frame(title: str, body: str) -> str:
        return f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{title} · 街区</title></head><body class="bg-gray-50 antialiased"><div class="sticky top-0 flex h-14 items-center border-b px-4"><a class="font-bold" href="/">街区</a><a class="ml-auto text-sm" href="/login">登录</a></div><div class="mx-auto max-w-2xl px-4 py-6">{body}</div></body></html>'

    parts = in_pages(threads, 7)
    for number, part in enumerate(parts):
        items = "".join(
            f'<li class="flex gap-4 py-4"><div class="flex h-10 w-10 items-center justify-center rounded-full bg-gray-200">{one.posts[0].author[0]}</div><div class="min-w-0 flex-1"><a class="block truncate text-base font-medium" href="/threads/{one.id}">{one.title}</a><p class="mt-1 text-xs text-gray-500">{one.posts[0].author} · <time datetime="{one.posts[-1].at.isoformat()}">{one.posts[-1].at:%-m月%-d日}</time></p></div><span class="text-sm text-gray-400">{len(one.posts) - 1}</span></li>'
            for one in part
        )
        further = (
            f'<div class="mt-6 text-center"><a class="rounded border px-3 py-1 text-sm" href="/?cursor=c{(number + 1) * 7}">加载更多</a></div>'
            if number + 1 < len(parts)
            else ""
        )
        pages["/" if number == 0 else f"/?cursor=c{number * 7}"] = frame("讨论", f'<ul class="divide-y">{items}</ul>{further}')
    for one in threads:
        posts = "".join(
            f'<div class="flex gap-3 border-b py-5" id="r-{post.id}"><div class="h-9 w-9 rounded-full bg-gray-200"></div><div class="min-w-0 flex-1"><div class="flex items-baseline gap-2"><span class="text-sm font-semibold">{post.author}</span><time class="text-xs text-gray-400" datetime="{post.at.isoformat()}">{post.at:%-m月%-d日}</time></div>{f"<div class=&quot;border-l-2 pl-2 text-xs text-gray-400&quot;>{post.quotes.author}：{post.quotes.text[:8]}</div>".replace("&quot;", chr(34)) if post.quotes else ""}<div class="mt-2 whitespace-pre-line text-sm leading-6">{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}</div><div class="mt-2 flex gap-4 text-xs text-gray-400"><button>赞</button><button>回复</button></div></div></div>'
            for post in one.posts
        )
        pages[f"/threads/{one.id}"] = frame(
            one.title, f'<h1 class="text-xl font-bold">{one.title}</h1><div class="mt-4">{posts}</div>'
        )
    return Built("/", pages, every(threads))
