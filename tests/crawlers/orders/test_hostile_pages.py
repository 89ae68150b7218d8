"""Pages that mean harm to whoever looks at them: each ends in time, keeps to its host, and leaves nothing behind."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from humiao.capture_order import NoPicture, Outcome
from tests.crawlers.orders.test_captures import picture, png
from tests.crawlers.processes import until
from tests.crawlers.site import Site

pytestmark = pytest.mark.browser
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(stage):
    """No browser outlives its order, and the stage itself does not grow."""
    process = psutil.Process(stage._popen.pid)
    before = process.memory_info().rss
    yield
    until(lambda: not [one for one in process.children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE], 10)
    assert process.memory_info().rss - before < 300 * MIB


@pytest.fixture
def elsewhere():
    """Another machine, as far as a page of the site is concerned."""
    with Site() as other:
        yield other


@pytest.fixture(scope="module")
def endless():
    """Answers that do not end: ``/drip`` a byte now and then, ``/flood`` without limit."""
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            try:
                while not gone.is_set():
                    self.wfile.write(b"<p>x" if self.path == "/drip" else b"<p>" + b"x" * 65536)
                    if self.path == "/drip":
                        gone.wait(0.5)
            except OSError:
                return

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    gone.set()
    server.shutdown()
    server.server_close()


def test_a_page_without_end_is_given_up(chromium, site, capture, endless):
    site.pages["/h1"] = lambda: (time.sleep(40), (200, {}, b"late"))[1]
    began = time.monotonic()
    result = capture(f"{site.url}/h1", timeout=80)
    assert result.outcome is Outcome.UNREACHABLE
    assert time.monotonic() - began < 65


def test_a_page_of_fifty_megabytes_is_refused(chromium, site, capture):
    site.pages["/h2"] = (200, {}, b"<p>" + b"x" * 50 * MIB)
    result = capture(f"{site.url}/h2")
    assert (result.outcome, result.records, result.screenshot) == (Outcome.REFUSED, (), None)
    assert "larger" in result.detail


@pytest.mark.parametrize(
    "body",
    [
        '<body style="margin:0"><div style="height:30000000px;background:#00f">',
        """<body style="margin:0"><script>
        const more = () => { const one = document.createElement("p"); one.style.height = "5000px"; document.body.append(one); };
        more(); addEventListener("scroll", more); setInterval(more, 20);
        </script>""",
    ],
)
def test_a_page_without_a_lower_end_is_cut(chromium, site, capture, installation, body):
    site.html("/h3", body)
    result = capture(f"{site.url}/h3")
    assert picture(installation, result).size == (1280, 12_000)
    assert result.screenshot.cut


@pytest.mark.parametrize("script", ["while (true) {}", "while (true) alert('look here')", "for (;;) prompt('name?')"])
def test_a_script_without_end_is_shown_without_scripts(chromium, site, capture, installation, script):
    site.html("/h4", f'<body style="background:rgb(1,2,253)">text<script>{script}</script>')
    began = time.monotonic()
    result = capture(f"{site.url}/h4")
    assert picture(installation, result).getpixel((800, 600)) == (1, 2, 253)
    assert time.monotonic() - began < 45


def test_a_dialog_holds_nothing_up(chromium, site, capture):
    site.html("/h5", "<script>alert(1); confirm(2); prompt(3); onbeforeunload = () => 'stay'</script>text")
    result = capture(f"{site.url}/h5")
    assert result.screenshot
    assert result.screenshot.scripts


def test_a_script_that_eats_memory_is_stopped(chromium, site, capture, stage):
    site.html("/h6", "<script>const held = []; while (true) held.push(new Uint8Array(64 * 1024 * 1024).fill(7))</script>")
    most = 0
    done = threading.Event()

    def watch():
        nonlocal most
        while not done.wait(0.1):
            total = 0
            for one in psutil.Process(stage._popen.pid).children(recursive=True):
                try:
                    total += one.memory_full_info().uss
                except psutil.Error:
                    continue
            most = max(most, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = capture(f"{site.url}/h6")
    done.set()
    watcher.join()
    assert len(result.records) == 1, "the page itself is kept"
    assert result.no_picture is NoPicture.MEMORY or not result.screenshot.scripts
    assert most < 2500 * MIB


REACHING_OUT = """<link rel=stylesheet href="{u}/a.css"><link rel=prefetch href="{u}/b"><link rel=dns-prefetch href="{u}">
<img src="{u}/c.png"><script src="{u}/d.js"></script><iframe src="{u}/e"></iframe><object data="{u}/f"></object>
<video src="{u}/g.mp4" autoplay></video><form id=f method=post action="{u}/h"></form>
<script>
fetch("{u}/i", {{mode: "no-cors"}}); fetch("/own", {{method: "POST", body: "x"}}); navigator.sendBeacon("{u}/j", "x");
new EventSource("{u}/k"); new WebSocket("{u}/l".replace("http", "ws")); new Image().src = "{u}/m.png";
window.open("{u}/n"); window.open("/own-popup"); document.getElementById("f").submit();
setTimeout(() => {{ location = "{u}/o"; }}, 50); setTimeout(() => {{ location = "/own-next"; }}, 100);
navigator.serviceWorker?.register("/own-worker.js");
</script>text"""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "127.0.0.2", "[::1]", "2130706433"])
def test_nothing_but_the_pages_own_host_is_asked(chromium, site, elsewhere, capture, name):
    if name == "[::1]" and not socket.has_ipv6:
        pytest.skip("no IPv6")
    url = f"http://{name}:{elsewhere.port}"
    site.html("/h7", REACHING_OUT.format(u=url))
    asked = len(site.asked)
    result = capture(f"{site.url}/h7")
    assert result.screenshot
    assert elsewhere.asked == []
    assert [path for path in site.asked[asked:] if path not in {"/h7", "/robots.txt"}] == []
    if name not in {"127.0.0.1", "2130706433"}:  # to a browser both are the page's own host, at another port
        assert result.left_out


def test_no_packet_leaves_the_browser_by_webrtc(chromium, site, capture):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trap:
        trap.bind(("127.0.0.1", 0))
        trap.setblocking(False)
        port = trap.getsockname()[1]
        site.html(
            "/h8",
            f"""<script>const link = new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{port}"}}]}});
            link.createDataChannel("x"); link.createOffer().then((offer) => link.setLocalDescription(offer));</script>text""",
        )
        assert capture(f"{site.url}/h8").screenshot
        with pytest.raises(BlockingIOError):
            trap.recv(2000)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{other}/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{other}/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_redirect_elsewhere_is_refused(chromium, site, elsewhere, capture, target):
    site.pages["/h9"] = (302, {"Location": target.format(other=elsewhere.port)}, b"")
    result = capture(f"{site.url}/h9")
    assert result.screenshot is None
    assert not any("passwd" in record.url or "meta-data" in record.url for record in result.records)
    assert elsewhere.asked == []


def test_downloads_are_not_taken(chromium, site, capture, installation):
    site.pages["/h10/file"] = (
        200,
        {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment; filename=x"},
        b"MZ",
    )
    site.html("/h10", "<a id=a href=/h10/file download>x</a><iframe src=/h10/file></iframe><script>a.click()</script>text")
    assert capture(f"{site.url}/h10").screenshot
    result = capture(f"{site.url}/h10/file")
    assert (result.outcome, result.no_picture) == (Outcome.CAPTURED, NoPicture.NOT_A_PAGE)


def test_no_cookie_is_kept_or_sent(chromium, site, capture, installation):
    site.pages["/h11/a.png"] = (200, {"Content-Type": "image/png"}, png())
    site.html("/h11", "<script>document.cookie='b=2'</script><img src=/h11/a.png>text", Set_Cookie="a=1; Path=/")
    capture(f"{site.url}/h11")
    site.html(
        "/h11/next",
        '<body style="margin:0"><script>document.body.style.background = document.cookie ? "red" : "rgb(0,255,0)"</script>',
    )
    assert picture(installation, capture(f"{site.url}/h11/next")).getpixel((640, 450)) == (0, 255, 0)
    for file in (installation.data / "warc").glob("orders-*"):
        assert b"Cookie: " not in file.read_bytes()


def test_a_part_that_never_comes_does_not_hold_up_the_rest(chromium, site, capture):
    site.pages["/h12/slow.png"] = lambda: (time.sleep(25), (200, {"Content-Type": "image/png"}, png()))[1]
    site.html("/h12", "<img src=/h12/slow.png>text")
    assert capture(f"{site.url}/h12", timeout=60).screenshot


def test_a_page_of_a_thousand_parts_gets_eighty_at_most(chromium, site, capture):
    site.html("/h13", "".join(f"<img src=/h13/{n}.png>" for n in range(1000)) + "text")
    assert capture(f"{site.url}/h13", timeout=60).outcome is Outcome.CAPTURED
    assert len([path for path in site.asked if path.startswith("/h13/")]) <= 80


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://10.0.0.1/x", Outcome.REFUSED),
        ("http://0x7f000001/x", Outcome.REFUSED),
        ("http://2130706433/", Outcome.REFUSED),
        ("http://[::ffff:127.0.0.1]/", Outcome.REFUSED),
        ("http://user:secret@127.0.0.1/", Outcome.REFUSED),
        ("file:///etc/passwd", Outcome.REFUSED),
        ("javascript:alert(1)", Outcome.REFUSED),
        ("http://localhost/", Outcome.UNREACHABLE),
        ("http://127.0.0.1.nowhere.invalid/", Outcome.UNREACHABLE),
    ],
)
def test_a_finding_leads_to_public_addresses_only(chromium, elsewhere, capture, url, outcome):
    result = capture(url, why="finding", alert="", post="b" * 32)
    assert (result.outcome, result.records) == (outcome, ())
    assert elsewhere.asked == []


def test_a_host_of_no_source_is_captured_for_findings_only(chromium, capture):
    assert capture("http://bbs.example.org/").outcome is Outcome.REFUSED
