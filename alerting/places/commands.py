"""The commands ``humiao places``: import, check, find."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption, settings_of

if TYPE_CHECKING:
    from alerting.places.mentions import Mention, Whereabouts

_BAD = 2


def register(app: typer.Typer) -> None:
    """Add ``humiao places``."""
    places = typer.Typer(help="The district's places. Example: humiao places find 放学在坂小门口", no_args_is_help=True)
    places.command("import")(bring)
    places.command("check")(check)
    places.command("find")(find)
    app.add_typer(places, name="places")


def bring(
    file: Annotated[Path, typer.Argument(help="CSV or GeoJSON file.")],
    replace: Annotated[bool, typer.Option("--replace", help="Forget all places that were known before.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take in the places of a file; bad rows are reported, the rest goes in. Example: humiao places import schools.csv"""
    from alerting.places import keeping, reading
    from alerting.places.gazetteer import Gazetteer
    from humiao.errors import BadInput

    settings = settings_of(config, data, "places")
    kept = settings.alert.places or keeping.kept_file(settings)
    if kept.suffix.lower() in reading.GEOJSON:
        raise BadInput(f"{kept}: alert.places names GeoJSON, which import does not write; name a CSV file there")
    known = Gazetteer([]) if replace else keeping.load(keeping.file_of(settings))
    found = reading.read(file, known)
    for problem in found.problems:
        typer.echo(problem, err=True)
    places = {**known.places, **{place.id: place for place in found.places}}
    if found.places:
        try:
            keeping.keep(kept, places.values())
        except (OSError, ValueError) as error:
            raise BadInput(f"{kept}: can't be written ({error}); name another folder with --data") from error
    new = sum(place.id not in known.places for place in found.places)
    print(f"{file}: {len(found.places)} places in ({new} new), {len(found.problems)} problems; {kept} holds {len(places)}.")
    print("Restart the alert stage (humiao alert, humiao up) to use them.")
    if found.problems:
        raise typer.Exit(_BAD)


def check(
    file: Annotated[Path | None, typer.Argument(help="CSV or GeoJSON file; none = the gazetteer in use.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Check a file without taking it in; list names that several places share. Example: humiao places check schools.csv"""
    from alerting.places import keeping, reading
    from alerting.places.gazetteer import Gazetteer

    settings = settings_of(config, data, "places")
    used = keeping.file_of(settings)
    found = reading.read(file or used, keeping.load(used) if file else None)
    for problem in found.problems:
        typer.echo(problem, err=True)
    gazetteer = Gazetteer(found.places)
    for name, ids in gazetteer.shared().items():
        print(f"ambiguous {name}: {', '.join(f'{gazetteer.places[id].name} ({id})' for id in ids)}")
    invented = sum(place.invented for place in found.places)
    print(f"{file or used}: {len(found.places)} places ({invented} invented), {len(gazetteer.names)} names,", end=" ")
    print(f"{len(gazetteer.shared())} of them ambiguous, {len(found.problems)} problems")
    if found.problems:
        raise typer.Exit(_BAD)


def find(
    text: Annotated[str, typer.Argument(help="Text of a post.")],
    board: Annotated[str, typer.Option("--board", help="Board that it stands on.")] = "",
    place: Annotated[str, typer.Option("--place", help="Place hint of the source.")] = "",
    title: Annotated[str, typer.Option("--title", help="Title of its thread.")] = "",
    parent: Annotated[str, typer.Option("--parent", help="Text of the post that it answers.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show which places a text names, and why. Example: humiao places find 华附初二的被堵了 --board 坂田家长"""
    from alerting.places import keeping, mentions
    from alerting.places.surroundings import Surroundings

    settings = settings_of(config, data, "places")
    gazetteer = keeping.load(keeping.file_of(settings))
    found = mentions.find(text, Surroundings(board=board, hint=place, title=title, parent=parent), gazetteer)
    names = {id: one.name for id, one in gazetteer.places.items()}
    for mention in found.mentions:
        _show(mention, names)
    _conclude(found, names)


def _show(mention: "Mention", names: dict[str, str]) -> None:
    where = f"{mention.field} {mention.start}-{mention.end} {mention.text}"
    print(f"{where}: {names[mention.place]}" if mention.place else f"{where}: 未定 uncertain")
    for candidate in mention.candidates:
        print(f"  {candidate.score:4.1f} {names[candidate.id]} ({candidate.id}): {'，'.join(candidate.reasons)}")


def _conclude(found: "Whereabouts", names: dict[str, str]) -> None:
    print(f"地点 place: {names[found.place]}（{found.reason}）" if found.place else "地点 place: 未定 uncertain")
