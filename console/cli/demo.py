"""`demo`: the main job on an embedded sample site."""

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    home: Annotated[Path, typer.Option(help="The demonstration's own home; emptied at the start.")] = Path(".demo"),
) -> None:
    """Run the main job on an embedded sample site: crawl, archive, change, alert. Needs no network.

    Example: policy-crawler demo --home /tmp/policy-demo
    """
    from console.demo.run import run_demo  # noqa: PLC0415 -- only this command needs the sample site

    raise typer.Exit(run_demo(home.resolve()))
