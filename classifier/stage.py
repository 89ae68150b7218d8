"""The classify stage: takes posts from the topic ``posts``, puts them with their verdicts into ``scored``."""

from collections.abc import Callable, Sequence

from classifier.drift import Watch
from classifier.judge import Judge
from humiao import metrics
from humiao.log import POSTS, SCORED, Log, Message, Record
from humiao.post import Post
from humiao.stage import Stage
from humiao.verdict import Scored

Current = Callable[[], tuple[Judge, Watch | None]]
"""The judge in use, and who watches what it reads; asked for each batch, so that a promotion needs no restart."""


def classify_stage(log: Log, current: Current, batch: int) -> Stage:
    """The stage, ready to run; a message that is no post raises BadInput and so goes to the dead letters."""

    def handle(messages: Sequence[Message]) -> None:
        posts = [Post.from_json(message.value) for message in messages]
        judge, watch = current()
        verdicts = judge.verdicts(posts)
        scored = [Scored(post=post, verdict=verdict) for post, verdict in zip(posts, verdicts, strict=True)]
        log.publish(SCORED, [Record(one.post.id, one.to_json()) for one in scored])
        metrics.POSTS_SCORED.inc(len(posts))
        for verdict in verdicts:
            for harm in verdict.flags:
                metrics.FLAGS.labels(harm.value).inc()
        if watch:
            watch.see(posts, verdicts)

    return Stage("classify", log, POSTS, handle, batch=batch)
