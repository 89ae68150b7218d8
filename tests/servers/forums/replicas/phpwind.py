"""phpwind 9 as guests see it."""

from datetime import datetime
from html import escape

from tests.servers.forums.replicas.memory import SHANGHAI, Answer, Post, Template, Thread, of_page

LIST, THREAD = 20, 10


def shown(at: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    return at.astimezone(SHANGHAI).strftime(form)


class Phpwind(Template):
    """A thread's first post has the number 0 on its page."""

    def page(self, path: str, query: dict[str, str]) -> Answer:
        number = int(query.get("page", "1"))
        if path == "/read.php":
            return self._thread(int(query["tid"]), number)
        if path == "/index.php" and query.get("c") == "thread":
            return self._board(int(query["fid"]), number)
        if path in {"/", "/index.php"}:
            rows = "".join(
                f'<dl class="cc"><dd><h4><a href="index.php?m=bbs&amp;c=thread&amp;fid={id}">{title}</a></h4></dd></dl>'
                for id, title in self.memory.boards.items()
            )
            return 200, self.frame(f'<div class="box_wrap"><div class="ct forum_list">{rows}</div></div>')
        return self.error("页面不存在")

    def thread_path(self, thread: int) -> str:
        return f"/read.php?tid={thread}&fid={self.memory.threads[thread].board}"

    def native_id(self, post: Post) -> str:
        opening = min(one.id for one in self.memory.posts.values() if one.thread == post.thread)
        return f"t{post.thread}" if post.id == opening else str(post.id)

    def frame(self, body: str) -> str:
        return f'<!doctype html><html><head><meta charset="UTF-8" /><title>坂田论坛 - Powered by phpwind</title><meta name="generator" content="phpwind v9.0.2" /></head><body><div class="wrap"><div class="main_wrap">{body}</div></div><div class="footer">Powered by phpwind v9.0.2</div></body></html>'

    def error(self, text: str) -> Answer:
        return 200, self.frame(f'<div class="error_wrap" id="J_html_error"><dl><dt>操作失败</dt><dd>{text}</dd></dl></div>')

    def pages(self, number: int, count: int, link: str) -> str:
        if count == 1:
            return ""
        links = "".join(
            f"<strong>{n}</strong>" if n == number else f'<a href="{link}&amp;page={n}">{n}</a>' for n in range(1, count + 1)
        )
        following = (
            f'<a href="{link}&amp;page={number + 1}" class="pages_next J_pages_next">下一页&nbsp;&raquo;</a>'
            if number < count
            else ""
        )
        return f'<div class="pages">{links}{following}</div>'

    def row(self, thread: Thread) -> str:
        posts, last = self.memory.posts_of(thread.id), self.memory.last(thread.id)
        icon = "headtopic_1" if thread.pinned else "topic"
        link = f"read.php?tid={thread.id}&amp;fid={thread.board}"
        return f"""<tr><td class="author"><a class="J_user_card_show" data-uid="7" href="index.php?m=space&amp;uid=7"><img src="face.jpg" alt="{posts[0].author}" /></a></td><td class="subject"><p class="title"><span class="posts_icon"><i class="icon_{icon}" title="图标"></i></span>
<a href="index.php?m=bbs&amp;c=thread&amp;fid={thread.board}" class="st">[{self.memory.boards[thread.board]}]</a><a href="{link}" class="st" style="" title="{escape(thread.title)}">{escape(thread.title)}</a></p>
<p class="info">楼主：<a class="J_user_card_show" data-uid="7" href="#">{posts[0].author}</a><span>{shown(posts[0].at, "%Y-%m-%d")}</span>最后回复：<a class="J_user_card_show" data-uid="7" href="#">{last.author}</a><span><a href="{link}&amp;page=e#a" rel="nofollow" aria-label="最后回复时间">{shown(last.at, "%m-%d %H:%M")}</a></span></p></td>
<td class="num"><span>回复<em>{len(posts) - 1}</em></span><span>浏览<em>{len(posts) * 9}</em></span></td></tr>"""

    def post(self, post: Post, floor: int, title: str) -> str:
        number = "0" if self.native_id(post).startswith("t") else str(post.id)
        quote = ""
        if post.to:
            answered = self.memory.posts[post.to]
            quote = f'<blockquote class="blockquote">引用第{answered.id}楼{answered.author}于{shown(answered.at)}发表的<br/>{escape(answered.text)}</blockquote>'
        edited = f'<div class="edit_log">[{post.author}于{shown(post.edited)}编辑了帖子]</div>' if post.edited else ""
        heading = f'<div class="floor_title cc"><h1 id="J_post_title">{escape(title)}</h1></div>' if number == "0" else ""
        return f"""<a name="{number}"></a><div class="floor cc J_read_floor" id="read_{number}"><table class="floor_table"><tr><td rowspan="2" class="floor_left"><div class="floor_info"><div class="face"><a href="#" class="J_user_card_show" data-uid="7"></a></div>
<div class="name"><span class="man_unol" title="离线"></span><a href="#" class="J_user_card_show mr5" data-uid="7">{post.author}</a></div></div></td><td class="box_wrap floor_right">{heading}<div class="floor_top_tips cc"><div><span class="lou J_floor_copy" title="复制此楼地址" data-hash="read_{number}">{floor}<sup>#</sup></span></div>
<span class="fl">发布于：{shown(post.at)}，<span title="IP">来自：深圳</span></span></div><div id="J_read_main"><div class="editor_content">{quote}{escape(post.text)}</div>{edited}</div></td></tr><tr><td class="floor_bottom"><div class="signature">签名</div></td></tr></table></div>"""

    def _board(self, board: int, number: int) -> Answer:
        if board not in self.memory.boards:
            return self.error("版块不存在")
        threads = self.memory.listed(board)
        found, count = of_page(threads, min(number, of_page(threads, 1, LIST)[1]), LIST)
        return 200, self.frame(
            f'<div class="thread_posts_list"><table width="100%" id="J_posts_list" summary="帖子列表">{"".join(self.row(one) for one in found)}</table></div>{self.pages(number, count, f"index.php?m=bbs&amp;c=thread&amp;fid={board}")}'
        )

    def _thread(self, number_of_thread: int, number: int) -> Answer:
        thread = self.memory.threads.get(number_of_thread)
        if thread is None or thread.removed:
            return self.error("抱歉，您访问的帖子不存在或已被删除")
        if thread.private:
            return self.error("您没有访问该版块的权限，请登录")
        posts = self.memory.posts_of(thread.id)
        number = min(number, of_page(posts, 1, THREAD)[1])
        found, count = of_page(posts, number, THREAD)
        pages = self.pages(number, count, f"read.php?tid={thread.id}&amp;fid={thread.board}")
        floors = "".join(self.post(one, (number - 1) * THREAD + n, thread.title) for n, one in enumerate(found))
        back = f'<div class="pages"><a href="index.php?m=bbs&amp;c=thread&amp;fid={thread.board}&amp;page=1" class="pages_pre" rel="nofollow">&laquo; 返回列表</a></div>'
        crumbs = f'<div class="bread_crumb">{pages}{back}<a href="index.php" class="home">首页</a><em>&gt;</em><a href="index.php?m=bbs&amp;c=thread&amp;fid={thread.board}">{self.memory.boards[thread.board]}</a></div>'
        return 200, self.frame(f'{crumbs}<div class="read_page" id="J_posts_list">{floors}</div>{pages}')
