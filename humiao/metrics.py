"""Every metric of the system, each with its meaning; one table, one place. Names end in their unit.

A stage serves them with `serve`. Label values come from fixed sets (labels, grades, topics, stage names) or from source names,
never from what a site or a person wrote.
"""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from humiao.errors import SettingsError

MESSAGES_IN = Counter("humiao_messages_in_total", "Messages that a stage took from its topic.", ["stage"])
MESSAGES_OUT = Counter("humiao_messages_out_total", "Messages that a stage handled with lasting effect.", ["stage"])
MESSAGES_DEAD = Counter("humiao_messages_dead_total", "Messages that a stage gave up and wrote to the dead letters.", ["stage"])
STAGE_RETRIES = Counter("humiao_stage_retries_total", "Batches tried again because log or store did not answer.", ["stage"])
LEASES_LOST = Counter("humiao_leases_lost_total", "Commits refused because the partition had moved to another member.", ["stage"])
BATCH_SECONDS = Histogram(
    "humiao_batch_seconds",
    "Time from a batch's arrival to its commit.",
    ["stage"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
LAG = Gauge("humiao_lag_messages", "Messages of the stage's topic not yet committed by its group.", ["stage"])
PAGES_FETCHED = Counter("humiao_pages_fetched_total", "Pages that a source answered, by status class.", ["source", "status"])
REQUESTS_REFUSED = Counter(
    "humiao_requests_refused_total",
    "Requests that the crawler itself refused: host, action, robots, hours, budget, rest (of a host that is not well).",
    ["source", "reason"],
)
PAGES_UNREAD = Counter(
    "humiao_pages_unread_total",
    "Answers not read because they can't be unpacked, or would take more time or memory than a page may.",
    ["source"],
)
CRAWL_PASSES = Counter("humiao_crawl_passes_total", "Complete passes over a source.", ["source"])
POSTS_CRAWLED = Counter("humiao_posts_crawled_total", "Posts read from pages and acknowledged by the log.", ["source"])
POSTS_UNCHANGED = Counter("humiao_posts_unchanged_total", "Posts seen again without change and not published again.", ["source"])
POSTS_REFUSED = Counter(
    "humiao_posts_refused_total", "Items read from pages that were no valid post, and were left out.", ["source"]
)
POSTS_GONE = Counter("humiao_posts_gone_total", "Known posts that two readings of their thread no longer found.", ["source"])
WARC_BYTES = Gauge("humiao_warc_bytes", "Bytes of a source's WARC files on disk.", ["source"])
WARC_RECORDS = Counter(
    "humiao_warc_records_total", "Pages kept: in full (response), or as a note that nothing changed (revisit).", ["source", "kind"]
)
WARC_FILES_DELETED = Counter(
    "humiao_warc_files_deleted_total", "WARC files deleted: their time was over (age), or the folder was full (space).", ["reason"]
)
WARC_BYTES_DELETED = Counter("humiao_warc_bytes_deleted_total", "Bytes of deleted WARC files.", ["reason"])
WARC_REPAIRED = Counter("humiao_warc_repaired_files_total", "WARC files whose cut-off end, left by a kill, was removed.")
WARC_CUT = Counter("humiao_warc_cut_bytes_total", "Bytes removed from the ends of such files; no post points to them.")
CAPTURE_ORDERS = Counter("humiao_capture_orders_total", "Captures that a person asked for, by what came of them.", ["outcome"])
SCREENSHOTS = Counter("humiao_screenshots_total", "Screenshots of ordered pages: made, or why not.", ["result"])
CAPTURES_DELIVERED = Counter(
    "humiao_captures_delivered_total", "Results of ordered captures written to an alert, or dropped.", ["to"]
)
FINDINGS = Counter("humiao_findings_total", "Findings that patrol staff registered.")
POSTS_BACK = Counter("humiao_posts_back_total", "Posts noted as gone that stood there again, unchanged.", ["source"])
ALERTED_POSTS_GONE = Counter(
    "humiao_alerted_posts_gone_total", "Posts of alerts that could no longer be seen, or could again, by what happened.", ["what"]
)
INGEST_LINES = Counter("humiao_ingest_lines_total", "Lines of clue files or partners, by result.", ["result"])
INGEST_PICTURES = Counter("humiao_ingest_pictures_total", "Pictures in ZIP files that were ingested, by result.", ["result"])
INGEST_REQUESTS = Counter("humiao_ingest_requests_total", "Requests by which partners push posts, by outcome.", ["outcome"])
CRAWL_LEASES_LOST = Counter(
    "humiao_crawl_leases_lost_total", "Site groups that a crawl process lost to another one because it could not renew in time."
)
CRAWL_STORE_WAITS = Counter(
    "humiao_crawl_store_waits_total", "Times that a crawl process asked nothing more because the store did not answer for too long."
)
CRAWL_STATE_RELOADED = Counter(
    "humiao_crawl_state_reloaded_total", "Sources whose crawl state was read from the store because another process had it last."
)
CRAWL_STATE_UNSAVED = Gauge(
    "humiao_crawl_state_unsaved_entries", "Entries of the crawl state that the store does not have yet; lost with this machine."
)
SOURCES_HELD = Gauge("humiao_sources_held", "Sources that this crawl process crawls at present.")
VISITS_RUNNING = Gauge("humiao_visits_running", "Visits to sources that are under way.")
SOURCES_WAITING = Gauge("humiao_sources_waiting", "Sources whose time has come and that wait for a place.")
SOURCE_STATE = Gauge("humiao_source_state", "1 for the state that a source is in, 0 for the others.", ["source", "state"])
POSTS_SCORED = Counter("humiao_posts_scored_total", "Posts judged by the classifier.")
FLAGS = Counter("humiao_flags_total", "Harms that the classifier found over their threshold.", ["harm"])
SOURCE_POSTS = Counter("humiao_source_posts_total", "Posts judged, by source.", ["source"])
SOURCE_FLAGS = Counter("humiao_source_flags_total", "Harms over their threshold, by source.", ["source", "harm"])
SCORE_DRIFT = Gauge(
    "humiao_score_drift_psi",
    "Population stability index of the probability of any harm, the last 5,000 posts beside the model's first 5,000.",
)
UNKNOWN_CHARACTERS = Gauge(
    "humiao_unknown_characters_ratio", "Share of characters that the model does not know, in the last 5,000 posts."
)
MODEL = Gauge("humiao_model_info", "1 for the version of the model that judges now, 0 for those before it.", ["version"])
POSTS_HANDLED = Counter("humiao_posts_handled_total", "Posts that the alert stage finished, by outcome.", ["outcome"])
ALERTS_RAISED = Counter("humiao_alerts_raised_total", "Alerts newly raised.", ["kind", "grade"])
ALERT_LATENCY = Histogram(
    "humiao_post_to_alert_seconds", "Time from fetching a post to its alert being stored.", buckets=(1, 2, 5, 10, 30, 60, 300, 1800)
)
ALERTS_OPEN = Gauge("humiao_alerts_open", "Alerts that wait for a decision, by grade.", ["grade"])
TIMESTAMPS = Counter(
    "humiao_timestamps_total",
    "Later requests to time stamp authorities: granted, failed (asked again), given_up (manifest gone or note unreadable).",
    ["result"],
)
TIMESTAMPS_WAITING = Gauge("humiao_timestamps_waiting", "Exported packages that wait for a time stamp.")
NOTIFICATIONS = Counter(
    "humiao_notifications_total",
    "Attempts to hand a message to a channel: sent (taken), failed (tried again later); and dead (given up).",
    ["channel", "result"],
)
NOTIFICATIONS_LEFT_OUT = Counter(
    "humiao_notifications_left_out_total",
    "News of alerts that nobody was told of: repeat, closed (decided or withdrawn meanwhile), no_route, gone, unreadable.",
    ["reason"],
)
NOTIFICATIONS_WAITING = Gauge(
    "humiao_notifications_waiting",
    "News and messages that are due and not taken yet; at the worker that serves the channel.",
    ["channel"],
)
NOTIFICATIONS_OLDEST = Gauge("humiao_notifications_oldest_seconds", "How long the oldest of them has been due.", ["channel"])
NOTIFICATIONS_DEAD = Gauge("humiao_notifications_dead", "Messages given up that nobody has put back or removed.", ["channel"])
CONDITIONS_FAILED = Counter(
    "humiao_conditions_failed_total", "Posts on which a policy's condition could not be evaluated and counted as false.", ["policy"]
)
SHADOW_MATCHES = Counter("humiao_shadow_matches_total", "Posts that shadow policies would have raised an alert for.")
SHADOW_UNREADABLE = Counter("humiao_shadow_unreadable_total", "Notes of shadow matches that another version wrote.")
DEADLINES = Counter(
    "humiao_deadlines_total", "Deadlines of open alerts that were told as near or as passed, by grade.", ["what", "grade"]
)
DUTY_CALLS = Counter("humiao_duty_calls_total", "Alerts for whoever is on duty: called, or nobody was.", ["result"])
REGRADES = Counter("humiao_regrades_total", "Grades that a person changed, by the new grade.", ["grade"])
DECISIONS = Counter("humiao_decisions_total", "Decisions taken in the console.", ["decision"])
ALERTS_REOPENED = Counter("humiao_alerts_reopened_total", "Closed or hidden alerts that the alert stage put back into the queue.")
REPOSTS_COUNTED = Counter(
    "humiao_reposts_counted_total",
    "Posts that came to a decided alert and only repeat what was decided on; they don't open it again.",
)
POSTS_HIDDEN = Counter("humiao_posts_hidden_total", "Flagged posts that a suppression window kept out of the queue.")
SIGN_INS = Counter("humiao_sign_ins_total", "Attempts to sign in to the console, by result.", ["result"])


def serve(port: int) -> int:
    """Serve ``/metrics`` of this process on loopback `port` (0 = any free one); prints its address as one line, returns the port.

    Raises:
        SettingsError: the port is taken.
    """
    try:
        server, _ = start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        raise SettingsError(
            f"metrics_port: {port} can't be used ({error.strerror}); choose another, or 0 for any free one"
        ) from error
    bound = int(server.server_port)
    print(f"metrics http://127.0.0.1:{bound}/metrics", flush=True)  # noqa: T201 (the line a supervisor waits for)
    return bound
