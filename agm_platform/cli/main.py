"""The command line: run, ui, dashboard, replay, train, review, erase, contracts, engines, lists."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from agm_platform.cli.linkage import add_commands
from agm_platform.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    # The environment carries the places to every process that Dagster starts.
    for name in ("landing", "data"):
        value = getattr(options, name, None)
        if value:
            os.environ[f"AGM_{name.upper()}"] = value
    if hasattr(options, "data"):
        settings = get_settings()
        os.environ["AGM_LANDING"] = settings.landing
        os.environ["AGM_DATA"] = str(settings.data)
    status: int = options.command(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agm_platform", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    places = argparse.ArgumentParser(add_help=False)
    places.add_argument("--landing", help="folder or URL with one folder a sender")
    places.add_argument("--data", help="folder for the warehouse and what is published")

    def add(name: str, command: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[places])
        sub.set_defaults(command=lambda options: _call(command, options))
        return sub

    runs = (
        add("run", "run", "bring in the files, materialize everything, print the answers"),
        add(
            "replay",
            "replay",
            "judge what was received anew, after a repair; read refused files again",
        ),
    )
    for sub in runs:
        sub.add_argument(
            "--checks-off",
            default="",
            metavar="PATTERNS",
            help="checks not to judge this time, source.table.check with * for any, comma between",
        )
        sub.add_argument(
            "--only", default="", metavar="SENDERS", help="compute what these senders' files give"
        )
    ui = add("ui", "ui", "start the web server and the daemon on loopback")
    ui.add_argument("--port", type=int, default=3000, help="port of the web server")
    board = add("dashboard", "dashboard", "look into what is published, on loopback")
    board.add_argument("--port", type=int, default=8501, help="port of the page")
    board.set_defaults(command=_dashboard)
    review = add("review", "review", "serve the review page of the checks on loopback")
    review.add_argument("--while", dest="parent", type=int, help=argparse.SUPPRESS)
    erase = add("erase", "erase", "take a person out of everything that the platform keeps")
    erase.add_argument("--person", help="SOURCE:NUMBER, such as peak:3728404")
    erase.add_argument("--person-file", help="file with that, or first name, last name, street")
    add("review-pairs", "review-pairs", "write the pairs of customers that a person has to decide")
    train = add("train", "train", "train the models of customers anew from the warehouse")
    train.add_argument("--sources", default="", metavar="SOURCES", help="only these, comma between")
    changes = add("changes", "changes", "say what changed between two published snapshots")
    changes.add_argument("--before", help="name of the older one; by default the newest but one")
    changes.add_argument("--after", help="name of the newer one; by default the newest")
    contracts = commands.add_parser("contracts", help="write the files made from the contracts")
    contracts.add_argument("--check", action="store_true", help="only say what is not up to date")
    contracts.set_defaults(command=lambda options: _call("contracts", options))
    engines = commands.add_parser("conformance", help="compare DuckDB and Spark, table by table")
    engines.add_argument("--data", dest="made", help="data folder of a run; default: samples anew")
    engines.add_argument("--tables", default="*", metavar="PATTERN", help="such as shopping.*")
    engines.add_argument("--seconds", type=float, help="begin no table later than this")
    engines.set_defaults(command=lambda options: _call("conformance", options))
    add_commands(commands)
    return parser


def _dashboard(options: argparse.Namespace) -> int:
    from agm_platform.cli.dashboard import dashboard

    return dashboard(get_settings(), options.port)


def _call(command: str, options: argparse.Namespace) -> int:
    """Import a command when it is called: Dagster takes a second."""
    status: int
    match command:
        case "contracts":
            from agm_platform.cli.contracts import contracts

            status = contracts(check_only=options.check)
        case "conformance":
            from agm_platform.cli.conformance import conformance

            status = conformance(options.made, options.tables, options.seconds)
        case "ui":
            from agm_platform.cli.ui import ui

            status = ui(options.port)
        case "review":
            from agm_platform.cli.review_server import review

            settings = get_settings()
            status = review(settings.review_path, settings.review_port, options.parent)
        case "erase":
            from agm_platform.cli.erase import erase

            status = erase(options.person, options.person_file)
        case "changes":
            from agm_platform.cli.changes import changes

            status = changes(get_settings(), options.before, options.after)
        case "train":
            from agm_platform.cli.train import train

            status = train(options.sources)
        case "review-pairs":
            from agm_platform.cli.review_pairs import review_pairs

            status = review_pairs(get_settings())
        case "run":
            from agm_platform.cli.run import run

            status = run(options.landing is not None, options.checks_off, options.only)
        case _:
            from agm_platform.cli.run import replay

            status = replay(options.checks_off, options.only)
    return status
