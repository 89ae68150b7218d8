"""phpBB 3.3 in its default style, as guests see it."""

from datetime import datetime
from html import escape

from tests.servers.forums.replicas.memory import SHANGHAI, Answer, Post, Template, Thread, of_page

LIST, THREAD = 25, 10
SID = "sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9"
"""Guests have one in every link."""


def moment(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f'<time datetime="{at.isoformat()}">{local:%a %b %d, %Y} {local.hour % 12 or 12}:{local:%M %p}</time>'


class PhpBB(Template):
    """Pages are counted in items: start=25."""

    def page(self, path: str, query: dict[str, str]) -> Answer:
        if path in {"/", "/index.php"}:
            rows = "".join(
                f'<li class="row"><dl class="row-item forum_read"><dt><div class="list-inner"><a href="./viewforum.php?f={id}&amp;{SID}" class="forumtitle">{title}</a></div></dt></dl></li>'
                for id, title in self.memory.boards.items()
            )
            return 200, self.frame("index", f'<div class="forabg"><ul class="topiclist forums">{rows}</ul></div>')
        start = int(query.get("start", "0"))
        if path == "/viewforum.php":
            return self._board(int(query["f"]), start)
        if path == "/viewtopic.php" and "t" in query:
            return self._thread(int(query["t"]), start)
        return 404, self.message("The requested page could not be found.")

    def thread_path(self, thread: int) -> str:
        return f"/viewtopic.php?t={thread}"

    def message(self, text: str) -> str:
        return self.frame(
            "index",
            f'<div class="panel" id="message"><div class="inner"><h2 class="message-title">Information</h2><p>{text}</p></div></div>',
        )

    def frame(self, kind: str, body: str, crumbs: str = "") -> str:
        return f"""<!DOCTYPE html><html dir="ltr" lang="en-gb"><head><meta charset="utf-8" /><title>坂田论坛</title></head><body id="phpbb" class="nojs notouch section-{kind} ltr ">
<div id="wrap"><div id="page-header"><ul id="nav-breadcrumbs" class="nav-breadcrumbs linklist navbar"><li class="breadcrumbs"><span class="crumb"><a href="./index.php?{SID}"><span itemprop="name">Board index</span></a></span>{crumbs}</li></ul></div>
<div id="page-body">{body}</div></div></body></html>"""

    def crumb(self, board: int) -> str:
        return f'<span class="crumb" data-forum-id="{board}"><a href="./viewforum.php?f={board}&amp;{SID}"><span itemprop="name">{self.memory.boards[board]}</span></a></span>'

    def pages(self, start: int, size: int, count: int, link: str) -> str:
        if count == 1:
            return ""
        numbers = "".join(
            f'<li class="active"><span>{n}</span></li>'
            if (n - 1) * size == start
            else f'<li><a class="button" href="{link}&amp;start={(n - 1) * size}">{n}</a></li>'
            for n in range(1, count + 1)
        )
        following = (
            f'<li class="arrow next"><a class="button button-icon-only" href="{link}&amp;start={start + size}" rel="next"><span class="sr-only">Next</span></a></li>'
            if start // size + 1 < count
            else ""
        )
        return f'<div class="pagination">{count} pages<ul>{numbers}{following}</ul></div>'

    def row(self, thread: Thread) -> str:
        posts, last = self.memory.posts_of(thread.id), self.memory.last(thread.id)
        return f"""<li class="row bg1{" sticky" if thread.pinned else ""}"><dl class="row-item topic_read"><dt><div class="list-inner">
<a href="./viewtopic.php?t={thread.id}&amp;{SID}" class="topictitle">{escape(thread.title)}</a><br /><div class="topic-poster responsive-hide left-box">by <a href="./memberlist.php?u=7" class="username">{posts[0].author}</a> &raquo; {moment(posts[0].at)}</div></div></dt>
<dd class="posts">{len(posts) - 1} <dfn>Replies</dfn></dd><dd class="views">{len(posts) * 9}</dd><dd class="lastpost"><span>by <a href="./memberlist.php?u=7" class="username">{last.author}</a> <a href="./viewtopic.php?p={last.id}&amp;{SID}#p{last.id}" title="Go to last post"></a><br />{moment(last.at)}</span></dd></dl></li>"""

    def post(self, post: Post) -> str:
        quote = ""
        if post.to:
            answered = self.memory.posts[post.to]
            quote = f'<blockquote><div><cite><a href="./memberlist.php?u=7">{answered.author}</a> wrote: <a href="./viewtopic.php?p={answered.id}#p{answered.id}" data-post-id="{answered.id}" onclick="return">↑</a><span class="responsive-hide">{moment(answered.at)}</span></cite>{escape(answered.text)}</div></blockquote>'
        edited = (
            f'<div class="notice">Last edited by <a href="./memberlist.php?u=7" class="username">{post.author}</a> on {moment(post.edited)}, edited 1 time in total.</div>'
            if post.edited
            else ""
        )
        return f"""<div id="p{post.id}" class="post has-profile bg2"><div class="inner"><dl class="postprofile" id="profile{post.id}"><dt><a href="./memberlist.php?u=7" class="username">{post.author}</a></dt></dl>
<div class="postbody"><div id="post_content{post.id}"><h3 class="first"><a href="./viewtopic.php?p={post.id}&amp;{SID}#p{post.id}">Re: 标题</a></h3><p class="author"><a class="unread" href="./viewtopic.php?p={post.id}&amp;{SID}#p{post.id}" title="Post"></a><span class="responsive-hide">by <strong><a href="./memberlist.php?u=7" class="username">{post.author}</a></strong> &raquo; </span>{moment(post.at)}</p>
<div class="content">{quote}{escape(post.text)}</div>{edited}<div id="sig{post.id}" class="signature">签名</div></div></div></div></div>"""

    def _board(self, board: int, start: int) -> Answer:
        if board not in self.memory.boards:
            return 404, self.message("The forum you selected does not exist.")
        threads = self.memory.listed(board)
        found, count = of_page(threads, min(start // LIST + 1, of_page(threads, 1, LIST)[1]), LIST)
        link = f"./viewforum.php?f={board}&amp;{SID}"
        announced = '<div class="forumbg announcement"><ul class="topiclist topics"></ul></div>'
        return 200, self.frame(
            "viewforum",
            f'{announced}<div class="forumbg"><ul class="topiclist topics">{"".join(self.row(one) for one in found)}</ul></div>{self.pages(start, LIST, count, link)}',
            self.crumb(board),
        )

    def _thread(self, number: int, start: int) -> Answer:
        thread = self.memory.threads.get(number)
        if thread is None or thread.removed:
            return 404, self.message("The requested topic does not exist.")
        if thread.private:
            return 200, self.frame(
                "viewtopic",
                '<form action="./ucp.php?mode=login" method="post" id="login"><h2 class="login-title">The board requires you to be registered and logged in to view this forum.</h2><input type="password" name="password" /></form>',
            )
        posts = self.memory.posts_of(thread.id)
        count = of_page(posts, 1, THREAD)[1]
        start = min(start, (count - 1) * THREAD)
        found, _ = of_page(posts, start // THREAD + 1, THREAD)
        pages = self.pages(start, THREAD, count, f"./viewtopic.php?t={thread.id}&amp;{SID}")
        return 200, self.frame(
            "viewtopic",
            f'<h2 class="topic-title"><a href="./viewtopic.php?t={thread.id}&amp;{SID}">{escape(thread.title)}</a></h2>{pages}{"".join(self.post(one) for one in found)}{pages}',
            self.crumb(thread.board),
        )
