"""Commands around evidence packages: export, verify."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption, person, settings_of

WHOLE, TAMPERED, UNREADABLE = 0, 1, 2


def register(app: typer.Typer) -> None:
    """Add ``evidence``."""
    evidence = typer.Typer(help="Evidence packages. Example: humiao evidence verify case.wacz", no_args_is_help=True)
    evidence.command("export")(export)
    evidence.command("verify")(verify)
    app.add_typer(evidence, name="evidence")


def export(
    alert: Annotated[str, typer.Argument(help="Id of the alert.")],
    out: Annotated[
        Path, typer.Option("--out", help="File to write (.wacz), and the printable record (.pdf) beside it; new names.")
    ],
    redacted: Annotated[
        bool,
        typer.Option("--redacted", help="Mask what identifies a child, leave pages and pictures out; hashes of all originals."),
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write an alert's evidence as a signed WACZ file and a printable PDF. Example: humiao evidence export ALERT --out case.wacz"""
    from alerting.evidence import package
    from alerting.evidence.record import record
    from alerting.evidence.verify import verify as check
    from humiao.errors import BadInput
    from humiao.store import open_store

    settings = settings_of(config, data, "evidence")
    paper = out.with_suffix(".pdf")
    for file in (out, paper):
        if file.exists() or file == out == paper:
            raise BadInput(f"{file}: exists already or is the record's name; name a new file ending in .wacz with --out")
    with open_store(settings) as store:
        content = package.export(store, settings.data, alert, person(), datetime.now(UTC), settings.evidence, redacted=redacted)
    printable = record(content, out.name)
    for file, written in ((out, content), (paper, printable)):
        try:
            with file.open("xb") as target:
                target.write(written)
        except OSError as error:
            raise BadInput(f"{file}: can't be written ({error.strerror}); name another file with --out") from error
    result = check(content)
    print(f"{out}: {len(content):,} bytes, signed by {result.signer}; record to print and sign: {paper}")
    for url in result.pending:
        print(f"{out}: no time stamp by {url} yet; the alert stage goes on asking, export again when it has it")


def verify(
    file: Annotated[Path, typer.Argument(help="Evidence package (.wacz).")],
    signer: Annotated[str, typer.Option("--signer", help="Fingerprint that the signing key must have.")] = "",
    tsa_root: Annotated[
        Path | None, typer.Option("--tsa-root", help="PEM file with the root certificate that time stamps must end at.")
    ] = None,
) -> None:
    """Check an evidence package offline: exit code 0 whole, 1 tampered, 2 unreadable. Example: humiao evidence verify case.wacz"""
    from alerting.evidence.stamps import read_certificates
    from alerting.evidence.verify import verify as check_package
    from humiao.errors import BadInput

    roots = read_certificates(tsa_root.read_bytes, str(tsa_root)) if tsa_root else []
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror})") from error
    try:
        result = check_package(content, signer, roots)
    except BadInput as error:
        raise BadInput(f"{file}: {error}") from error
    for problem in result.problems:
        print(f"{file}: {problem}")
    if result.problems:
        raise typer.Exit(TAMPERED)
    kind = "whole (redacted copy)" if result.redacted else "whole"
    print(f"{file}: {kind}; alert {result.alert}, {result.posts} kept revisions, signed by {result.signer}")
    for stamp in result.stamps:
        print(f"{file}: time stamp of {stamp.at.isoformat()} by {stamp.authority}, root certificate {', '.join(stamp.roots)}")
    for url in result.pending:
        print(f"{file}: had no time stamp by {url} yet when it was exported")
