"""Alerts on sudden bad mood: boards where negative posts rise above what is usual there.

Computed anew from the store's counts at every look, so it needs no memory of its own. An alert that nobody has decided follows
what the counts say; one that they no longer show is withdrawn, and comes back if they show it again.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from alerting import events, spikes, summary, wording
from alerting.grades import grace
from alerting.spikes import Spike
from alerting.unread import Span, spans
from humiao import metrics
from humiao.alert import Alert, Grade, Status, StoredPost, alert_id
from humiao.errors import Conflict
from humiao.event import Event
from humiao.labels import Sentiment, Stance
from humiao.post import utc_text
from humiao.store import AlertFilter, PostFilter, Store

INTERVAL: Final = timedelta(hours=1)
WINDOW: Final = timedelta(days=14)
POLICY: Final = "negative-spike@1"
SHOWN_POSTS: Final = 50
MOST_POSTS: Final = 5000
"""Posts of a spike that are read at most; beyond, repeated wordings are no longer told apart."""
_TOLD: Final = frozenset({"raised", "found_again", "recounted", "withdrawn"})
"""What a chain says of what the counts show."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mood:
    """A spike on one board, with its negative posts."""

    platform: str
    board: str
    spike: Spike
    posts: list[StoredPost]

    @property
    def id(self) -> str:
        """Id of its alert."""
        return alert_id("spike", self.platform, self.board, utc_text(self.spike.start))


def look(store: Store, now: datetime, window: timedelta = WINDOW) -> list[Mood]:
    """The spikes of negative posts within `window` before `now` (UTC), by 1 h and board, oldest first.

    Posts of one wording count once: a repost storm is a campaign, not a mood. `window` must not reach back behind the retention
    of cleared posts, or the past looks calmer than it was.
    """
    since = _EPOCH + -((_EPOCH - now + window) // INTERVAL) * INTERVAL + INTERVAL
    until = now + INTERVAL
    everything = store.histogram(since, until, INTERVAL)
    negative = store.histogram(since, until, INTERVAL, Sentiment.NEGATIVE)
    pool = spikes.baseline(negative.values(), since, now, INTERVAL)
    unread = spans(store, until)
    found: list[Mood] = []
    for (platform, board), series in sorted(negative.items()):
        seen = everything.get((platform, board), series)
        begin = min(seen)
        gaps = _gaps(unread.get(platform, []), seen)
        candidates = spikes.find(series, begin, now, INTERVAL, gaps=gaps, pool=pool)
        if not candidates:
            continue
        posts = {one.start: _negative(store, platform, board, one) for one in candidates}
        counts = {**series, **{start: count for one in candidates for start, count in _distinct(posts[one.start], one).items()}}
        for spike in spikes.find(counts, begin, now, INTERVAL, gaps=gaps, pool=pool):
            within = [post for some in posts.values() for post in some if spike.start <= post.post.ts < spike.end]
            found.append(Mood(platform, board, spike, within))
    return sorted(found, key=lambda mood: (mood.spike.start, mood.platform, mood.board))


def _gaps(unread: Sequence[Span], seen: Collection[datetime]) -> list[Span]:
    """The intervals in which a board was not read: those of `unread` of which no post came later either."""
    found: list[Span] = []
    for first, last in unread:
        start = _EPOCH + (first - _EPOCH) // INTERVAL * INTERVAL
        while start < last:
            if start not in seen:
                found.append((start, start + INTERVAL))
            start += INTERVAL
    return found


def update(store: Store, now: datetime, window: timedelta = WINDOW) -> None:
    """Bring the alerts on moods in line with what `look` finds. Another worker doing the same at the same time does no harm."""
    found = {mood.id: mood for mood in look(store, now, window)}
    for mood in found.values():
        _raise(store, mood, now)
    for alert in _open(store):
        if alert.id not in found and alert.first_seen >= now - window + INTERVAL:
            _withdraw(store, alert.id, now)


def _raise(store: Store, mood: Mood, now: datetime) -> None:
    current = store.alert(mood.id)
    if current is not None and current.value.status not in {Status.OPEN, Status.WITHDRAWN}:
        return  # a person has decided: what they saw stays as they saw it
    alert = _alert(mood, current.value if current else None, now)
    if current is None or alert != current.value:
        try:
            store.put_alert(alert, current.version if current else None)
        except Conflict:
            return  # another worker or a person was faster; the next look sees what they did
    _tell(store, alert, now)


def _tell(store: Store, alert: Alert, now: datetime) -> None:
    """Write into the chain what the alert now says, if it isn't there: a look that was cut off is completed by the next one."""
    data = {"posts": alert.post_count, "score": alert.score, "grade": alert.grade.value, "policy": alert.policy}

    def news(chain: list[Event]) -> events.Entry | None:
        told = [event for event in chain if event.kind in _TOLD]
        if not told:
            return "raised", data
        if told[-1].kind == "withdrawn":
            return "found_again", data
        return None if told[-1].data == data else ("recounted", data)

    event = events.append_if(store, alert.id, events.SYSTEM, now, news)
    if event is not None and event.kind == "raised":
        metrics.ALERTS_RAISED.labels("spike", alert.grade).inc()


def _withdraw(store: Store, id: str, now: datetime) -> None:
    """Take an alert back: first in its chain, then in its state, so that the next look completes what is cut off between."""
    current = store.alert(id)
    if current is None or current.value.status is not Status.OPEN:
        return
    if not any(event.kind in _TOLD for event in store.events(id)):
        _tell(store, current.value, now)

    def taken_back(chain: list[Event]) -> events.Entry | None:
        told = [event.kind for event in chain if event.kind in _TOLD]
        return None if told[-1:] == ["withdrawn"] else ("withdrawn", {"reason": "later counts no longer show it"})

    events.append_if(store, id, events.SYSTEM, now, taken_back)
    with suppress(Conflict):  # a person was faster: what they decided stays
        store.put_alert(current.value.model_copy(update={"status": Status.WITHDRAWN}), current.version)


def _alert(mood: Mood, past: Alert | None, now: datetime) -> Alert:
    spike = mood.spike
    worst = sorted(mood.posts, key=lambda one: (-one.verdict.sentiment.get(Sentiment.NEGATIVE, 0.0), one.post.id))[:SHOWN_POSTS]
    shown = sorted(worst, key=lambda one: (one.post.ts, one.post.id))
    places = sorted({one.post.place for one in mood.posts if one.post.place})
    created = past.created_at if past else now
    hours = round((spike.end - spike.start) / INTERVAL)
    times = [one.post.ts for one in mood.posts]
    return Alert(
        id=mood.id,
        grade=Grade.YELLOW,
        kind="spike",
        harm=[],
        stance=Stance.OTHER,
        place="、".join(places),
        platforms=[mood.platform],
        first_seen=min(times, default=spike.start),
        last_seen=max(times, default=spike.end),
        posts=[one.post.id for one in shown],
        post_count=len(mood.posts),
        deadline=created + grace(Grade.YELLOW),
        policy=POLICY,
        score=round(spike.surprise, 3),
        summary=summary.spike_line(mood.platform, mood.board, spike.count, spike.expected, hours),
        reasons=[
            f"{hours}小时内有{len(mood.posts)}条负面帖，去除重复措辞后{spike.count}条，按平时约{spike.expected:.1f}条",
            f"若与平时无异，出现这么多的概率约为 10^-{spike.surprise:.1f}",
        ],
        leader_ts=spike.start,
        leader=f"{mood.platform} {mood.board} {utc_text(spike.start)}",
        created_at=created,
    )


def _negative(store: Store, platform: str, board: str, spike: Spike) -> list[StoredPost]:
    narrow = PostFilter(since=spike.start, until=spike.end, platform=platform, board=board)
    found: list[StoredPost] = []
    after: str | None = None
    while len(found) < MOST_POSTS:
        page = store.search("", narrow, limit=500, after=after)
        found += [hit.post for hit in page.items if hit.post.verdict.top_sentiment is Sentiment.NEGATIVE]
        after = page.after
        if after is None:
            break
    return found


def _distinct(posts: list[StoredPost], spike: Spike) -> dict[datetime, int]:
    """Distinct wordings by interval of the run; one that was seen in an earlier interval of it counts there only."""
    counts = {spike.start + number * INTERVAL: 0 for number in range(round((spike.end - spike.start) / INTERVAL))}
    seen: set[str] = set()
    for one in sorted(posts, key=lambda one: (one.post.ts, one.post.id)):
        if (words := wording.digest(one.post, one.verdict)) not in seen:
            seen.add(words)
            counts[spike.start + (one.post.ts - spike.start) // INTERVAL * INTERVAL] += 1
    return counts


def _open(store: Store) -> Iterator[Alert]:
    after: str | None = None
    while True:
        page = store.alerts(AlertFilter(statuses=frozenset({Status.OPEN}), kind="spike"), limit=500, after=after)
        yield from page.items
        after = page.after
        if after is None:
            return
