"""A process of its own that uses a log as a stage would: ``python -m tests.contract.log_process URL PREFIX LEASE ROLE …``.

Roles, each answering with JSON lines on stdout:

``publish TOPIC NAME COUNT``   publishes COUNT records, one call each, keys ``NAME-0`` …; prints ``"done"``
``flood TOPIC BATCH``          publishes batches of BATCH records without end
``hold TOPIC GROUP``           polls until it has messages, prints their ``[key, partition, offset]``, waits for a line on stdin,
                               commits, prints ``"committed"`` or the name of the error
"""

import json
import sys

from humiao import logs
from humiao.errors import HumiaoError
from humiao.log import Record, open_log
from humiao.settings import LogSettings, Settings


def say(what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def publish(log, topic, name, count):
    for number in range(int(count)):
        log.publish(topic, [Record(f"{name}-{number}", str(number).encode())])
    say("done")


def flood(log, topic, batch):
    while True:
        log.publish(topic, [Record(str(number), bytes(1000)) for number in range(int(batch))])


def hold(log, topic, group):
    with log.subscribe(topic, group) as consumer:
        messages = []
        while not messages:
            messages = consumer.poll(1000, 1.0)
        say([[message.key, message.partition, message.offset] for message in messages])
        sys.stdin.readline()
        try:
            consumer.commit(messages)
        except HumiaoError as error:
            say(type(error).__name__)
        else:
            say("committed")


def main(url, prefix, lease, role, *rest):
    settings = Settings(log=url, prefix=prefix, bus=LogSettings(lease=float(lease)))
    logs.configure(settings, "test")  # log lines go to stderr, answers alone to stdout
    with open_log(settings) as log:
        {"publish": publish, "flood": flood, "hold": hold}[role](log, *rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
