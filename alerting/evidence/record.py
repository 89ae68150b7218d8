"""The printable record that goes with a package: 电子数据提取笔录, made from the package alone, with how to check it.

Items follow 法发〔2016〕22号 article 14 (cause, object, content, time, place, method, process, list with type, format and hashes,
signatures) and article 15 (witness). What only people know (place, witness, signatures) is left as lines to fill in by hand.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reportlab.platypus import Flowable

from alerting.evidence import layout, paper, record_posts
from alerting.evidence.container import unpack
from alerting.evidence.digests import sha256, sm3
from alerting.evidence.findings import Result
from alerting.evidence.record_posts import beijing
from alerting.evidence.verify import verify
from humiao.errors import BadInput
from humiao.labels import HARM_NAMES, Harm

EVENTS_SHOWN: Final = 300
_BLANK: Final = "＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿"
_EXIT_CODES: Final = "退出码 0 为完整，1 为有改动（并指出部位），2 为无法读取。也可将文件按 ZIP 解开，逐一计算校验值与清单对照。"
_REDACTED: Final = f"4. 本件已隐去可识别身份的内容，网页和图片未收录；原件的校验值见 {layout.ORIGINALS}，可与未脱敏的证据包对照。"
_KINDS: Final = {
    layout.ARCHIVE: ("网页原始数据", "WARC（gzip）"),
    layout.INDEX: ("网页索引", "CDXJ"),
    layout.PAGES: ("页面目录", "JSON Lines"),
    layout.ALERT: ("预警信息", "JSON"),
    layout.EVIDENCE: ("帖文正文与研判结果", "JSON Lines"),
    layout.EVENTS: ("保管与操作记录", "JSON Lines"),
    layout.NETWORK: ("网络环境信息", "JSON Lines"),
    layout.ORIGINALS: ("原件校验值清单", "JSON Lines"),
    layout.MANIFEST: ("数据清单（含各部分校验值）", "JSON"),
}
_EVENTS: Final = {
    "raised": "系统产生预警", "joined": "新增帖文", "revised": "帖文修订", "evidence_missing": "证据缺失", "merged": "并入",
    "regraded": "级别调整", "decided": "处置决定", "exported": "导出证据", "viewed": "查阅", "withdrawn": "撤回",
    "reopened": "重新打开", "noted": "备注", "post_gone": "原帖已不可见", "post_back": "原帖重新可见", "captured": "网页取证",
    "revealed": "查看图片", "stamped": "取得时间戳",
}  # fmt: skip


def record(package: bytes, file: str) -> bytes:
    """The record (PDF) of a whole package that lies in `file`.

    Raises:
        BadInput: the package is not whole; nobody shall sign for it.
    """
    result = verify(package)
    if result.problems:
        raise BadInput(f"{file}: {result.problems[0]}; no record is made of a package that is not whole")
    members, _ = unpack(package)
    manifest = json.loads(members[layout.MANIFEST])
    story: list[Flowable] = [
        paper.title("电子数据提取（固定）笔录" + ("（脱敏件）" if result.redacted else "")),
        *_basics(members, manifest, result),
        *record_posts.process(members, redacted=result.redacted),
        *_list(members, manifest, package, file),
        *_stamps(result),
        *record_posts.posts(members, redacted=result.redacted),
        *_custody(members),
        *_how_to_check(file, manifest, result),
        *_signatures(),
    ]
    return paper.printed(
        story, f"电子数据提取笔录 {result.alert}", f"预警编号 {result.alert}　证据包 SHA-256 {sha256(package)[:16]}…"
    )


def _basics(members: Mapping[str, bytes], manifest: Mapping[str, Any], result: Result) -> list[Flowable]:
    alert = json.loads(members[layout.ALERT])
    about = manifest["humiao"]
    harms = "、".join(HARM_NAMES[Harm(harm)] for harm in alert["harm"])
    rows: list[tuple[str, paper.Cell]] = [
        ("预警编号", result.alert),
        ("制作单位", about["organisation"] or _BLANK),
        ("事由", f"巡查发现涉嫌危害未成年人的网络信息：{harms or '（未归类）'}"),
        ("内容摘要", alert["summary"]),
        ("固定时间", f"{beijing(about['exported_at'])}（北京时间）"),
        ("导出人（账号）", about["exported_by"]),
        ("提取地点", _BLANK),
        ("记录人", _BLANK),
        ("见证人", f"{_BLANK}（没有符合条件的见证人的，注明情况，并对相关活动录像）"),
        ("设备时钟", _clock(about.get("clock") or {}, result)),
    ]
    return [paper.fields(rows)]


def _clock(clock: Mapping[str, Any], result: Result) -> str:
    told = "操作系统未提供时钟同步状态"
    if clock:
        told = "操作系统报告：未与时间源同步"
        if clock["synchronised"]:
            told = f"操作系统报告：已与时间源同步，最大误差 {clock['maximum_error_seconds']} 秒"
    if result.stamps:
        one = result.stamps[0]
        told += f"；与时间戳机构时间相比，本机时钟相差 {one.clock_offset:+.3f} 秒（不确定度 ±{one.uncertainty:.3f} 秒）"
    return told


def _list(members: Mapping[str, bytes], manifest: Mapping[str, Any], package: bytes, file: str) -> list[Flowable]:
    rows: list[Sequence[paper.Cell]] = [("序号", "名称", "格式、字节数", "完整性校验值")]
    rows.append(
        ("0", f"证据包整体\n{file}", f"WACZ {layout.WACZ_VERSION}\n{len(package):,}", paper.hashes(sha256(package), sm3(package)))
    )
    listed = [(str(one["path"]), str(one["hash"]).removeprefix("sha256:"), str(one["sm3"])) for one in manifest["resources"]]
    listed.append((layout.MANIFEST, sha256(members[layout.MANIFEST]), sm3(members[layout.MANIFEST])))
    for number, (path, first, second) in enumerate(listed, start=1):
        name, kind = _KINDS.get(path, ("截图或附图", _picture_kind(members[path])))
        shown = path if not path.startswith(layout.PICTURES) else f"{layout.PICTURES}…（以其 SHA-256 命名）"
        rows.append((str(number), f"{name}\n{shown}", f"{kind}\n{len(members[path]):,}", paper.hashes(first, second)))
    return [*paper.head("三、电子数据清单及校验值"), paper.grid(rows, (0.06, 0.3, 0.15, 0.49), headed=True)]


def _picture_kind(content: bytes) -> str:
    known = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"RIFF": "WebP", b"BM": "BMP"}
    return next((name for magic, name in known.items() if content.startswith(magic)), "图片")


def _stamps(result: Result) -> list[Flowable]:
    rows: list[Sequence[paper.Cell]] = [("时间戳机构", "时间（北京时间）", "序列号", "根证书 SHA-256")]
    for one in result.stamps:
        roots: list[Flowable] = [paper.text(root, "mono") for root in one.roots]
        rows.append((one.authority, beijing(one.at.isoformat()), str(one.serial), roots))
    story: list[Flowable] = [*paper.head("四、可信时间戳（RFC 3161）")]
    if result.stamps:
        story += [paper.text("时间戳加盖于数据清单 datapackage.json，证明清单及其所列各部分在下列时间已经存在。"), paper.gap(3)]
        story.append(paper.grid(rows, (0.3, 0.19, 0.15, 0.36), headed=True))
    if result.pending:
        story.append(paper.text(f"待补：{'、'.join(result.pending)} 在导出时未能取得，系统已排队补取，补取后记入保管记录。"))
    if not result.stamps and not result.pending:
        story.append(paper.text("本证据包未加盖时间戳（未配置时间戳机构）。"))
    return story


def _custody(members: Mapping[str, bytes]) -> list[Flowable]:
    events = [json.loads(line) for line in members[layout.EVENTS].splitlines()]
    rows: list[Sequence[paper.Cell]] = [("序号", "时间（北京时间）", "操作人", "事项", "记录哈希（前 32 位）")]
    rows += [
        (
            str(one["seq"]),
            beijing(one["at"]),
            _actor(one["actor"]),
            _EVENTS.get(one["kind"], one["kind"]),
            paper.text(one["hash"][:32], "mono"),
        )
        for one in events[-EVENTS_SHOWN:]
    ]
    story: list[Flowable] = [
        *paper.head("六、保管与查阅记录"),
        paper.text("每条记录含前一条记录的哈希值，删改、插入或调换其中任何一条，核验都不能通过。"),
    ]
    if len(events) > EVENTS_SHOWN:
        story.append(paper.text(f"共 {len(events)} 条，以下为最近 {EVENTS_SHOWN} 条；全部见 {layout.EVENTS}。"))
    return [*story, paper.gap(3), paper.grid(rows, (0.08, 0.24, 0.2, 0.18, 0.3), headed=True)]


def _actor(name: str) -> str:
    return "系统（自动）" if name.startswith("system:") else name


def _how_to_check(file: str, manifest: Mapping[str, Any], result: Result) -> list[Flowable]:
    hashed = f"certutil -hashfile {file} SHA256、sha256sum 或 openssl dgst -sm3"
    checked = f"humiao evidence verify {file} --signer {result.signer}"
    steps = [
        f"1. 校验整体：计算 {file} 的 SHA-256 或 SM3（{hashed}），与清单序号 0 对照。",
        f"2. 校验各部分：在任意一台装有 {manifest['software']} 的计算机上离线运行 {checked}，{_EXIT_CODES}",
        f"3. 核对签名：签名公钥指纹应为 {result.signer}，请与制作单位另行公布或当面告知的指纹核对。",
    ]
    if result.stamps:
        command = "openssl ts -verify -data datapackage.json -in 时间戳文件 -CAfile 机构根证书"
        steps.append(
            f"4. 核对时间戳：将 datapackage-digest.json 中 timestamps 的 token 按 base64 解码，用 {command} 核验；"
            "根证书应从时间戳机构取得。"
        )
    if not result.redacted:
        steps.append(f"{len(steps) + 1}. 查看网页：用任一支持 WACZ 的回放软件打开 {file}。")
    story: list[Flowable] = [*paper.head("七、核验方法"), *(paper.text(step) for step in steps), *paper.head("八、说明")]
    remarks = [
        "1. 本材料系日常巡查中对公开网页的固定，供移送线索之用；需作为案件证据的，由有权机关依法重新提取。",
        "2. 模型研判结果仅为筛查线索，不是对事实或行为性质的认定。",
        "3. 材料涉及未成年人，知悉人员应当保密，不得披露可能识别其身份的信息（《未成年人保护法》第四条、第一百零三条）。",
    ]
    if result.redacted:
        remarks.append(
            f"4. 本件已隐去可识别身份的内容，网页和图片未收录；原件的校验值见 {layout.ORIGINALS}，可与未脱敏的证据包对照。"
        )
    return [*story, *(paper.text(remark) for remark in remarks)]


def _signatures() -> list[Flowable]:
    rows = [("提取人（签名）", "", "记录人（签名）", ""), ("见证人（签名）", "", "日期", "　　　　年　　月　　日")]
    return [paper.gap(12), paper.grid(rows, (0.18, 0.32, 0.18, 0.32), height=34)]  # room for a pen
