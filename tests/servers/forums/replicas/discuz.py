"""Discuz! X3.4 and X3.5 as guests see them: desktop and touch, GBK and UTF-8, rewritten and plain addresses."""

from datetime import datetime
from html import escape

from tests.servers.forums.replicas.memory import SHANGHAI, Answer, Post, Template, Thread, of_page

LIST, THREAD = 20, 10
"""Threads and posts on a page."""


def shown(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.year}-{local.month}-{local.day} {local:%H:%M:%S}"


class Discuz(Template):
    """Subclasses choose the template."""

    generator = "Discuz! X3.5"
    rewritten = False

    def page(self, path: str, query: dict[str, str]) -> Answer:
        if path in {"/", "/forum.php"} and not query:
            return 200, self.frame("论坛", self.index())
        if path.startswith("/forum-"):
            board, number = path.removesuffix(".html").split("-")[1:3]
            return self._board(int(board), int(number))
        if path.startswith("/thread-"):
            thread, number = path.removesuffix(".html").split("-")[1:3]
            return self._thread(int(thread), int(number))
        number = int(query.get("page", "1"))
        if query.get("mod") == "forumdisplay":
            return self._board(int(query["fid"]), number)
        if query.get("mod") == "viewthread":
            return self._thread(int(query["tid"]), number)
        return 404, "missing"

    def thread_path(self, thread: int) -> str:
        return f"/{self.address(f'mod=viewthread&tid={thread}', f'thread-{thread}-1-1.html')}"

    def address(self, plain: str, rewritten: str) -> str:
        return rewritten if self.rewritten else f"forum.php?{plain}"

    def frame(self, title: str, body: str, kind: str = "index") -> str:
        return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"><html><head>
<meta http-equiv="Content-Type" content="text/html; charset={self.charset}" /><title>{title} - 坂田论坛 - Powered by Discuz!</title>
<meta name="generator" content="{self.generator}" /><base href="/" /></head>
<body id="nv_forum" class="pg_{kind}"><script>var cookiepre = 'bt_2132_', discuz_uid = '0';</script>
<div id="wp"><div id="ct">{body}</div></div><div id="ft"><div id="frt"><p>Powered by Discuz!</p></div></div></body></html>"""

    def notice(self, text: str, status: int = 200) -> Answer:
        return status, self.frame("提示信息", f'<div id="messagetext" class="alert_error"><p>{text}</p></div>')

    def pages(self, number: int, count: int, plain: str, rewritten: str) -> str:
        if count == 1:
            return ""
        links = "".join(
            f'<a href="{escape(self.address(f"{plain}&page={n}", rewritten.format(n)))}">{n}</a>'
            if n != number
            else f"<strong>{n}</strong>"
            for n in range(1, count + 1)
        )
        following = escape(self.address(f"{plain}&page={number + 1}", rewritten.format(number + 1)))
        following = f'<a href="{following}" class="nxt">下一页</a>' if number < count else ""
        return f'<div class="pg">{links}<label><input type="text" name="custompage" value="{number}"><span title="共 {count} 页"> / {count} 页</span></label>{following}</div>'

    def index(self) -> str:
        rows = "".join(
            f'<tr><td class="fl_icn"></td><td><h2><a href="{escape(self.address(f"mod=forumdisplay&fid={id}", f"forum-{id}-1.html"))}">{title}</a></h2></td></tr>'
            for id, title in self.memory.boards.items()
        )
        return f'<div class="fl bm"><table class="fl_tb">{rows}</table></div>'

    def row(self, thread: Thread) -> str:
        posts, last = self.memory.posts_of(thread.id), self.memory.last(thread.id)
        link = escape(self.address(f"mod=viewthread&tid={thread.id}&extra=page%3D1", f"thread-{thread.id}-1-3.html"))
        created = posts[0].at.astimezone(SHANGHAI)
        closed = '<span class="xg1">[阅读权限 <span class="xw1">10</span>]</span>' if thread.private else ""
        return f"""<tbody id="{"stick" if thread.pinned else "normal"}thread_{thread.id}"><tr><td class="icn"></td><th class="new">
<a href="{link}" class="s xst">{escape(thread.title)}</a>{closed}</th><td class="by"><cite><a href="space-uid-7.html">{posts[0].author}</a></cite>
<em><span>{created.year}-{created.month}-{created.day}</span></em></td><td class="num"><a class="xi2">{len(posts) - 1}</a><em>{len(posts) * 9}</em></td>
<td class="by"><cite><a>{last.author}</a></cite><em><a href="forum.php?mod=redirect&amp;tid={thread.id}&amp;goto=lastpost#lastpost">{shown(last.at)[:-3]}</a></em></td></tr></tbody>"""

    def rows(self, threads: list[Thread]) -> str:
        announced = '<tbody><tr><td></td><th><strong class="xst">公告: <a href="forum.php?mod=announcement&amp;id=1">文明发帖</a></strong></th></tr></tbody>'
        return f'<div id="threadlist"><form><table id="threadlisttableid">{announced}{"".join(self.row(one) for one in threads)}<tbody id="separatorline"></tbody></table></form></div>'

    def post(self, post: Post, floor: int) -> str:
        edited = (
            f'<i class="pstatus"> 本帖最后由 {post.author} 于 {shown(post.edited)[:-3]} 编辑 </i><br />\r\n<br />\r\n'
            if post.edited
            else ""
        )
        return f"""<div id="post_{post.id}"><table id="pid{post.id}" class="plhin"><tr><td class="pls" rowspan="2"><div class="pi"><div class="authi"><a href="space-uid-7.html" class="xw1">{post.author}</a></div></div></td>
<td class="plc"><div class="pi"><strong><a id="postnum{post.id}"><em>{floor}</em><sup>#</sup></a></strong><div class="pti"><div class="authi"><em id="authorposton{post.id}">发表于 {shown(post.at)}</em></div></div></div>
<div class="pct"><div class="pcb"><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_{post.id}">{edited}{self.quote(post)}{self.jammed(post)}</td></tr></table></div></div></div></td></tr>
<tr><td class="plc plm"><div class="sign">签名档里的话</div></td></tr></table></div>"""

    def quote(self, post: Post) -> str:
        if not post.to:
            return ""
        answered = self.memory.posts[post.to]
        link = f"forum.php?mod=redirect&amp;goto=findpost&amp;pid={answered.id}&amp;ptid={post.thread}"
        return f'<div class="quote"><blockquote><font size="2"><a href="{link}" target="_blank"><font color="#999999">{answered.author} 发表于 {shown(answered.at)[:-3]}</font></a></font><br />\r\n{escape(answered.text)}</blockquote></div><br />\r\n'

    def jammed(self, post: Post) -> str:
        """Random text against copying, another at each view."""
        half = len(post.text) // 2
        noise = f"{post.id * 7919 % 9973:x}"
        return f'{escape(post.text[:half])}<font class="jammer">{noise}</font>{escape(post.text[half:])}<span style="display:none">z{noise}</span>'

    def thread_body(self, thread: Thread, posts: str, pages: str) -> str:
        board = escape(self.address(f"mod=forumdisplay&fid={thread.board}", f"forum-{thread.board}-1.html"))
        return f"""<div id="pt" class="bm cl"><div class="z"><a href="./" class="nvhm">首页</a><em>&rsaquo;</em><a href="{board}">{self.memory.boards[thread.board]}</a></div></div>
<div id="pgt">{pages}</div><h1 class="ts"><span id="thread_subject">{escape(thread.title)}</span></h1><div id="postlist" class="pl bm">{posts}<div id="postlistreply" class="pl"><div id="post_new" class="viewthread_table" style="display: none"></div></div></div><div class="pgs">{pages}</div>"""

    def _board(self, board: int, number: int) -> Answer:
        if board not in self.memory.boards:
            return self.notice("抱歉，指定的版块不存在", 404)
        threads = self.memory.listed(board)
        found, count = of_page(threads, number, LIST)
        if number > count:  # as the product does it
            found, number = threads[:LIST], 1
        pages = self.pages(number, count, f"mod=forumdisplay&fid={board}", f"forum-{board}-{{}}.html")
        return 200, self.frame(self.memory.boards[board], f"{self.rows(found)}{pages}", "forumdisplay")

    def _thread(self, number_of_thread: int, number: int) -> Answer:
        thread = self.memory.threads.get(number_of_thread)
        if thread is None or thread.removed:
            return self.notice("抱歉，指定的主题不存在或已被删除或正在被审核", 404)
        if thread.private:
            return self.notice("抱歉，本帖要求阅读权限高于 10 才能浏览")
        posts = self.memory.posts_of(thread.id)
        number = min(number, of_page(posts, 1, THREAD)[1])
        found, count = of_page(posts, number, THREAD)
        pages = self.pages(number, count, f"mod=viewthread&tid={thread.id}", f"thread-{thread.id}-{{}}-1.html")
        shown_posts = "".join(self.post(one, (number - 1) * THREAD + n) for n, one in enumerate(found, 1))
        return 200, self.frame(thread.title, self.thread_body(thread, shown_posts, pages), "viewthread")


class DesktopGBK(Discuz):
    """X3.4 with rewritten addresses."""

    generator, charset, rewritten = "Discuz! X3.4", "gbk", True


class DesktopUTF8(Discuz):
    """X3.5 with its own addresses."""


class TouchX35(Discuz):
    """The touch template of X3.5."""

    def frame(self, title: str, body: str, kind: str = "index") -> str:
        return f'<!DOCTYPE html><html><head><meta charset="{self.charset}"><title>{title} - 手机版 - Powered by Discuz!</title></head><body class="bg pg_{kind}">{body}<div class="foot_height"></div></body></html>'

    def notice(self, text: str, status: int = 200) -> Answer:
        return status, self.frame(
            "提示信息",
            f'<div class="jump_c"><p>{text}</p><p><a class="grey" href="javascript:history.back();">[ 点击这里返回上一页 ]</a></p></div>',
        )

    def index(self) -> str:
        rows = "".join(
            f'<li><a href="{escape(self.address(f"mod=forumdisplay&fid={id}", f"forum-{id}-1.html"))}" class="murl"><p class="mtit">{title}</p></a></li>'
            for id, title in self.memory.boards.items()
        )
        return f'<div class="forumlist cl"><div class="sub-forum mlist1 cl"><ul>{rows}</ul></div></div>'

    def rows(self, threads: list[Thread]) -> str:
        announced = '<li class="list_top"><a href="forum.php?mod=announcement&amp;id=1#1"><span class="micon gonggao">公告</span>文明发帖</a></li>'
        return f'<div class="header cl"><h2>版块</h2></div><div class="threadlist_box cl"><div class="threadlist cl"><ul>{announced}{"".join(self.row(one) for one in threads)}</ul></div></div>'

    def row(self, thread: Thread) -> str:
        posts = self.memory.posts_of(thread.id)
        link = escape(self.address(f"mod=viewthread&tid={thread.id}&extra=page%3D1", f"thread-{thread.id}-1-1.html"))
        if thread.pinned:
            return f'<li class="list_top"><a href="{link}"><span class="micon">置顶</span><em >{escape(thread.title)}</em></a></li>'
        return f"""<li class="list"><div class="threadlist_top cl"><a href="home.php?mod=space&amp;uid=7" class="mimg"></a><div class="muser"><h3><a href="home.php?mod=space&amp;uid=7" class="mmc">{posts[0].author}</a></h3><span class="mtime">{shown(posts[0].at)[:-3]}</span></div></div>
<a href="{link}"><div class="threadlist_tit cl"><em >{escape(thread.title)}</em></div></a><a href="{link}"><div class="threadlist_mes cl">{escape(posts[0].text[:30])}</div></a>
<div class="threadlist_foot cl"><ul><li><i class="dm-eye-fill"></i>{len(posts) * 9}</li><li><i class="dm-chat-s-fill"></i>{len(posts) - 1}</li></ul></div></li>"""

    def post(self, post: Post, floor: int) -> str:
        first = post.id == self.memory.posts_of(post.thread)[0].id
        counts = '<span class="y"><i class="dm-eye"></i><em>90</em><i class="dm-chat-s"></i><em>3</em></span>' if first else ""
        edited = f'<i class="pstatus"> 本帖最后由 {post.author} 于 {shown(post.edited)[:-3]} 编辑 </i><br />' if post.edited else ""
        return f"""<div class="plc cl" id="pid{post.id}"><div class="avatar"><img src="avatar.php?uid=7" /></div><div class="display pi" href="#replybtn_{post.id}"><ul class="authi">
<li class="mtit"><span class="y">{floor}<sup>#</sup></span><span class="z"><a href="home.php?mod=space&amp;uid=7">{post.author}</a></span></li><li class="mtime">{counts}{shown(post.at)}</li></ul>
<div class="message">{edited}{self.quote(post)}{self.jammed(post)}</div></div><div class="threadlist_foot cl"><ul><li><a href="forum.php?mod=misc&amp;action=comment">点评</a></li></ul></div></div>"""

    def thread_body(self, thread: Thread, posts: str, pages: str) -> str:
        board = escape(self.address(f"mod=forumdisplay&fid={thread.board}", f"forum-{thread.board}-1.html"))
        return f'<div class="header cl"><h2><a href="{board}">{self.memory.boards[thread.board]}</a></h2></div><div class="viewthread"><div class="view_tit"><em>[日常]</em> {escape(thread.title)}</div>{posts}</div>{pages}'


class TouchX34(TouchX35):
    """The touch template of early X3.4: ids of posts stand in the answer button's address alone; GBK."""

    charset = "gbk"

    def rows(self, threads: list[Thread]) -> str:
        return f'<header class="header"><div class="nav"><span class="name">版块</span></div></header><div class="threadlist"><ul>{"".join(self.row(one) for one in threads)}</ul></div>'

    def row(self, thread: Thread) -> str:
        posts = self.memory.posts_of(thread.id)
        link = escape(self.address(f"mod=viewthread&tid={thread.id}&extra=page%3D1", f"thread-{thread.id}-1-1.html"))
        top = '<span class="icon_top"><img src="static/image/mobile/images/icon_top.png"></span>' if thread.pinned else ""
        return f'<li><a href="{link}" >{top}{escape(thread.title)}<span class="by">{posts[0].author}</span></a><span class="num">{len(posts) - 1}</span></li>'

    def post(self, post: Post, floor: int) -> str:
        first = post.id == self.memory.posts_of(post.thread)[0].id
        favourite = '<em><a href="home.php?mod=spacecp&amp;ac=favorite" class="favbtn blue">收藏</a></em>' if first else ""
        edited = f'<i class="pstatus"> 本帖最后由 {post.author} 于 {shown(post.edited)[:-3]} 编辑 </i><br />' if post.edited else ""
        return f"""<div class="plc cl"><span class="avatar"><img src="avatar.php?uid=7" style="width:32px;height:32px;" /></span><div class="display pi" href="#replybtn_{post.id}"><ul class="authi">
<li class="grey"><em>{floor}<sup>#</sup></em><b><a href="home.php?mod=space&amp;uid=7" class="blue">{post.author}</a></b></li><li class="grey rela">{favourite}{shown(post.at)}</li></ul>
<div class="message">{edited}{self.quote(post).replace('class="quote"', 'class="grey quote"')}{self.jammed(post)}</div></div></div>"""

    def thread_body(self, thread: Thread, posts: str, pages: str) -> str:
        return f"""<header class="header"><div class="nav"><span class="name">{self.memory.boards[thread.board]}</span></div></header><div class="postlist"><h2>{escape(thread.title)}
<a href="forum.php?mod=viewthread&amp;tid={thread.id}&amp;authorid=7" rel="nofollow" class="blue">只看楼主</a></h2>{posts}</div>{pages}"""
