"""Runs inside django-machina: one step per line of JSON, each answered with a line."""

import json
import sys
from datetime import datetime

import django

django.setup()
from django.contrib.auth import get_user_model
from django.urls import reverse
from machina.apps.forum.models import Forum
from machina.apps.forum_conversation.models import Post, Topic
from machina.apps.forum_permission.models import ForumPermission, UserForumPermission


def user(name):
    return get_user_model().objects.get_or_create(username=name)[0]


def board(title, *, public=True):
    forum = Forum.objects.create(name=title, type=Forum.FORUM_POST)
    for codename in ("can_see_forum", "can_read_forum") if public else ():
        permission = ForumPermission.objects.get(codename=codename)
        UserForumPermission.objects.create(permission=permission, forum=forum, anonymous_user=True, has_perm=True)
    return forum


def write(topic, title, text, author, at):
    post = Post.objects.create(topic=topic, poster=user(author), subject=title, content=text, approved=True)
    Post.objects.filter(pk=post.pk).update(created=at, updated=at)
    Topic.objects.filter(pk=topic.pk).update(last_post_on=at)
    forum = topic.forum
    where = {"forum_slug": forum.slug, "forum_pk": forum.pk, "slug": topic.slug, "pk": topic.pk}
    return {"thread": topic.pk, "post": post.pk, "path": reverse("forum_conversation:topic", kwargs=where)}


def open_topic(forum, step, at):
    kind = Topic.TOPIC_STICKY if step.get("pinned") else Topic.TOPIC_POST
    topic = Topic.objects.create(
        forum=forum, poster=user(step["author"]), subject=step["title"], type=kind, status=Topic.TOPIC_UNLOCKED, approved=True
    )
    Topic.objects.filter(pk=topic.pk).update(created=at)
    return write(topic, step["title"], step["text"], step["author"], at)


def do(step):
    kind, at = step["do"], datetime.fromisoformat(step["at"]) if step.get("at") else None
    if kind == "board":
        return board(step["title"]).pk
    if kind == "thread":
        return open_topic(Forum.objects.get(pk=step["board"]), step, at)
    if kind == "private_thread":
        return open_topic(board("家长群", public=False), step, at)
    if kind == "reply":
        topic, text = Topic.objects.get(pk=step["thread"]), step["text"]
        if step["to"]:
            answered = Post.objects.get(pk=step["to"])
            text = f"<blockquote>{answered.content}</blockquote>{text}"
        return write(topic, f"Re: {topic.subject}", text, step["author"], at)
    if kind == "edit":
        post = Post.objects.get(pk=step["post"])
        post.content, post.updates_count = step["text"], post.updates_count + 1
        return post.save()
    if kind == "remove":
        return bool(Post.objects.get(pk=step["post"]).delete())
    if kind == "remove_thread":
        return bool(Topic.objects.get(pk=step["thread"]).delete())
    raise ValueError(f"unknown step {kind}")


answers, sys.stdout = sys.stdout, sys.stderr  # whatever the product prints is no answer
for line in sys.stdin:
    print(json.dumps({"done": do(json.loads(line))}), file=answers, flush=True)
