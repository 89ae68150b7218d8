"""Sites that are no forums: questions, guestbooks, walls of comments, notices, blogs, feeds."""

import random
from datetime import timedelta

from tests.crawlers.proposal.sites.built import NAMES, NOW, SENTENCES, TITLES, Built, Said, Talk, every, in_pages, talks


def questions() -> Built:
    """A question, its answers, and comments under both, each of another make."""
    threads, pages, truth = talks(7, 10, 6), {}, []
    dice = random.Random(8)
    rows = []
    comment_id = 90_000
    for one in threads:
        question, *answers = one.posts
        truth += one.posts

        def remarks(post: Said, truth: list[Said] = truth) -> str:
            nonlocal comment_id
            found = []
            for number in range(dice.randrange(0, 3)):
                comment_id += 3
                said = Said(comment_id, dice.choice(NAMES), post.at + timedelta(minutes=3 + number), dice.choice(SENTENCES))
                truth.append(said)
                found.append(
                    f'<li class="remark" data-comment-id="{said.id}"><span class="remark-text">{said.text}</span> – <a class="remark-user" href="/people/{said.id % 9}">{said.author}</a> <span class="remark-date">{said.at:%Y-%m-%d %H:%M}</span></li>'
                )
            return f'<ul class="remarks">{"".join(found)}</ul>'

        body = f'<div class="question" data-question-id="{question.id}"><div class="votes">3 票</div><div class="prose">{question.text}</div><div class="user-box">提问于 <span class="stamp">{question.at:%Y-%m-%d %H:%M:%S}</span> <a href="/people/{question.id % 9}">{question.author}</a></div>{remarks(question)}</div>'
        for post in answers:
            body += f'<div class="answer" id="answer-{post.id}" data-answer-id="{post.id}"><div class="votes">1 票</div><div class="prose">{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}</div><div class="user-box">回答于 <span class="stamp">{post.at:%Y-%m-%d %H:%M:%S}</span> <a href="/people/{post.id % 9}">{post.author}</a></div>{remarks(post)}</div>'
        pages[f"/questions/{one.id}/detail"] = (
            f'<!doctype html><meta charset=utf-8><title>{one.title} - 问吧</title><div id="nav"><a href="/">问吧</a></div><div id="main"><h1><a href="/questions/{one.id}/detail">{one.title}</a></h1>{body}</div>'
        )
        rows.append(
            f'<div class="summary"><div class="stats"><span class="n">{len(answers)}</span> 回答</div><h3><a href="/questions/{one.id}/detail">{one.title}</a></h3><div class="tags"><a href="/tags/school">学校</a></div><div class="started">{question.at:%Y-%m-%d %H:%M} <a href="/people/{question.id % 9}">{question.author}</a></div></div>'
        )
    pages["/"] = (
        f'<!doctype html><meta charset=utf-8><title>最新问题 - 问吧</title><div id="nav"><a href="/">问吧</a></div><div id="main">{"".join(rows)}</div>'
    )
    return Built("/", pages, truth)


def guestbook() -> Built:
    """One page after another of messages, newest first, author and time in one line, numbered."""
    posts = sorted(every(talks(9, 6, 6)), key=lambda post: post.at, reverse=True)
    pages: dict[str, object] = {}
    parts = in_pages(posts, 8)
    for number, part in enumerate(parts, 1):
        body = "".join(
            f'<table class="gb"><tr><td class="gb_head">[{len(posts) - (number - 1) * 8 - place}] 留言人：{post.author}　时间：{post.at:%Y/%m/%d %H:%M:%S}</td></tr><tr><td class="gb_body">{post.text.replace(chr(10), "<br>")}</td></tr></table>'
            for place, post in enumerate(part)
        )
        further = f'<a href="gb.php?p={number + 1}">下一页</a>' if number < len(parts) else ""
        back = f'<a href="gb.php?p={number - 1}">上一页</a>' if number > 1 else ""
        page = f'<html><head><meta charset="utf-8"><title>留言本 - 育才小学</title></head><body><h2>留言本</h2><form action=post.php method=post><input name=n><textarea name=t></textarea></form>{body}<div class="pages">{back} {further}</div></body></html>'
        pages["/gb.php" + (f"?p={number}" if number > 1 else "")] = page
    return Built("/gb.php", pages, posts)


def comment_wall() -> Built:
    """Reviews under a shop: a description, other shops in the margin, reviews with stars."""
    posts = sorted(every(talks(10, 5, 6)), key=lambda post: post.at, reverse=True)
    reviews = "".join(
        f'<li class="review-item"><img class="avatar" src="/a/{post.id}.png" alt=""><div class="review-main"><p class="nick">{post.author}</p><p class="stars">★★★★☆</p><div class="review-words">{post.text.replace(chr(10), "<br>")}</div><div class="bottom"><span class="date">{post.at:%Y-%m-%d %H:%M}</span><a href="javascript:;" class="zan">赞(3)</a><a href="javascript:;" class="huifu">回应</a></div></div></li>'
        for post in posts
    )
    others = "".join(
        f'<li><a href="/shop/{number}">{name}</a></li>'
        for number, name in ((31, "小马文具店"), (32, "阳光绘本馆"), (33, "社区琴行"), (34, "老街面包房"))
    )
    page = f'<!doctype html><html><head><meta charset=utf-8><title>向日葵托管中心_评价 - 街坊点评</title></head><body><div class="top"><a href="/">街坊点评</a></div><div class="shop-info"><h1>向日葵托管中心</h1><p>地址：和平路 12 号　电话：见门店</p><p>营业时间：07:30-18:30</p></div><div class="reviews"><h2>全部评价({len(posts)})</h2><ul class="review-list">{reviews}</ul></div><div class="sidebar"><h3>附近商户</h3><ul>{others}</ul></div></body></html>'
    return Built("/shop/30", {"/shop/30": page}, posts)


def school_notices() -> Built:
    """Notices of a school: a list with dates, articles with source and date in a line."""
    dice = random.Random(11)
    pages: dict[str, object] = {}
    notices = []
    for number in range(16):
        at = (NOW - timedelta(days=4 * number + 1)).replace(hour=0, minute=0)
        text = "\n".join(["各位家长、各位同学：", *dice.sample(SENTENCES, 4), "请互相转告。"])
        notices.append(Talk(700 + number, f"关于{TITLES[number]}的通知", [Said(700 + number, "教务处", at, text)]))
    for number, part in enumerate(in_pages(notices, 10), 1):
        rows = "".join(
            f'<li><span>{one.posts[0].at:%Y-%m-%d}</span><a href="/info/1021/{one.id}.htm" title="{one.title}">{one.title}</a></li>'
            for one in part
        )
        further = f'<a href="/tzgg/{number + 1}.htm">下页</a>' if number * 10 < len(notices) else ""
        pages["/tzgg.htm" if number == 1 else f"/tzgg/{number}.htm"] = (
            f'<html><head><meta charset=utf-8><title>通知公告-实验小学</title></head><body><div class="nav"><a href="/">首页</a><a href="/xxgk.htm">学校概况</a><a href="/tzgg.htm">通知公告</a></div><div class="list"><ul>{rows}</ul></div><div class="page">{further}</div></body></html>'
        )
    for one in notices:
        post = one.posts[0]
        pages[f"/info/1021/{one.id}.htm"] = (
            f'<html><head><meta charset=utf-8><title>{one.title}-实验小学</title></head><body><div class="nav"><a href="/">首页</a><a href="/tzgg.htm">通知公告</a></div><div class="article"><h1>{one.title}</h1><div class="info">来源：{post.author}　发布时间：{post.at:%Y-%m-%d}　点击：{one.id}次</div><div class="v_news_content">{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}</div></div></body></html>'
        )
    return Built("/tzgg.htm", pages, every(notices))


def blog() -> Built:
    """A blog made by a generator: addresses without numbers, comments under each article."""
    threads, pages = talks(12, 9, 6), {}
    slugs = ("park", "swim", "bookshop", "breakfast", "umbrella", "canteen", "bicycle", "library", "summer")

    def frame(title: str, body: str) -> str:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="generator" content="Hugo 0.120"><title>{title} - 陈老师的博客</title></head><body><header class="site"><nav><a href="/">首页</a><a href="/about/">关于</a><a href="/posts/">文章</a></nav></header><main>{body}</main></body></html>'

    items = "".join(
        f'<article class="post-entry"><h2 class="entry-title"><a href="/posts/{slug}/">{one.title}</a></h2><time datetime="{one.posts[0].at.isoformat()}">{one.posts[0].at:%Y-%m-%d}</time></article>'
        for one, slug in zip(threads, slugs, strict=True)
    )
    pages["/"] = pages["/posts/"] = frame("首页", items)
    for one, slug in zip(threads, slugs, strict=True):
        first, *rest = one.posts
        comments = "".join(
            f'<div class="comment" id="comment-{post.id}"><cite>{post.author}</cite><time datetime="{post.at.isoformat()}">{post.at:%m-%d}</time><div class="comment-body">{"".join(f"<p>{line}</p>" for line in post.text.splitlines())}</div></div>'
            for post in rest
        )
        following = threads[(threads.index(one) + 1) % len(threads)]
        pages[f"/posts/{slug}/"] = frame(
            one.title,
            f'<article class="post-single"><h1>{one.title}</h1><div class="post-meta"><time datetime="{first.at.isoformat()}">{first.at:%Y-%m-%d}</time> · <span class="author">{first.author}</span></div><div class="post-content">{"".join(f"<p>{line}</p>" for line in first.text.splitlines())}</div></article><div class="post-nav"><a rel="next" class="next" href="/posts/{slugs[threads.index(following)]}/">下一篇：{following.title}</a></div><section id="comments">{comments}</section>',
        )
    return Built("/", pages, every(threads), other_starts=("/posts/swim/",))


def feed_only() -> Built:
    """A page with a picture and a feed."""
    threads = talks(13, 10, 1)
    items = "".join(
        f"<item><title>{one.title}</title><link>http://feed.example/{one.id}</link><guid>tag:{one.id}</guid><author>{one.posts[0].author}</author><pubDate>{one.posts[0].at:%a, %d %b %Y %H:%M:%S +0800}</pubDate><description>{one.posts[0].text}</description></item>"
        for one in threads
    )
    feed = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>社区广播</title><link>http://feed.example/</link><description>d</description>{items}</channel></rss>'
    page = '<!doctype html><html><head><meta charset=utf-8><title>社区广播</title><link rel="alternate" type="application/rss+xml" href="/broadcast.xml"></head><body><img src=/logo.png alt="社区广播站"><p>欢迎收听</p></body></html>'
    return Built("/", {"/": page, "/broadcast.xml": (200, {"Content-Type": "application/rss+xml"}, feed.encode())}, every(threads))
