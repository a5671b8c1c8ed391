"""Matching lists that are not shared: linkage-key, linkage-parameters, encode, compare."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from agm_platform.matching.private import Parameters
    from agm_platform.matching.private.encoding_file import Encodings

HANDLES = ".handles.csv"
METHODS = ("bloom", "hash")


def add_commands(commands: Any) -> None:
    """Add the four commands to the command line's subparsers."""

    def add(name: str, run: Callable[[argparse.Namespace], str], text: str) -> Any:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=lambda options: _reported(run, options))
        return sub

    key = add("linkage-key", _make_key, "make the key that two sides share")
    key.add_argument("--out", type=Path, required=True, help="new file, readable by you only")

    parameters = add("linkage-parameters", _write_parameters, "write the parameters, to edit")
    parameters.add_argument("--out", type=Path, required=True)
    parameters.add_argument("--method", choices=METHODS, default="bloom")

    encode = add("encode", _encode, "encode your own list; the other side gets --out only")
    encode.add_argument("--list", type=Path, required=True, help="CSV in UTF-8 with a header")
    encode.add_argument("--key-file", type=Path, required=True)
    encode.add_argument("--out", type=Path, required=True, help="the file to hand over")
    encode.add_argument("--method", choices=METHODS, default="bloom")
    encode.add_argument("--parameters", type=Path, help="file of linkage-parameters, as agreed")
    encode.add_argument("--id-column", help="your own id; without it the row number, from 1")

    compare = add("compare", _compare, "compare two files of encode")
    compare.add_argument("left", type=Path)
    compare.add_argument("right", type=Path)
    compare.add_argument("--out", type=Path, required=True, help="CSV of pairs")
    compare.add_argument("--left-handles", type=Path, help="your own list is the left file")
    compare.add_argument("--right-handles", type=Path, help="your own list is the right file")


def _reported(run: Callable[[argparse.Namespace], str], options: argparse.Namespace) -> int:
    """Print what was done, or in one line why not."""
    from agm_platform.matching.private import LinkageError

    try:
        sys.stdout.write(f"{run(options)}\n")
    except LinkageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _make_key(options: argparse.Namespace) -> str:
    from agm_platform.matching.private.key import write_new_key

    return f"{options.out}: key id {write_new_key(options.out)}"


def _write_parameters(options: argparse.Namespace) -> str:
    text = json.dumps(_defaults(options.method).to_dict(), indent=2)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    return f"{options.out}: give both sides the same file"


def _encode(options: argparse.Namespace) -> str:
    from agm_platform.matching.private import LinkageError, encode
    from agm_platform.matching.private.encoding_file import write_encodings
    from agm_platform.matching.private.key import read_key
    from agm_platform.matching.private.records import read_list

    parameters = _defaults(options.method)
    if options.parameters:
        parameters = _read_parameters(options.parameters)
    rows, key = read_list(options.list), read_key(options.key_file)
    name = options.id_column and options.id_column.strip().lower()
    if name and name not in rows:
        msg = f"{options.list} has no column {name}"
        raise LinkageError(msg)
    encodings, order = encode(rows, parameters, key)
    handles = options.out.with_name(options.out.name + HANDLES)
    write_encodings(encodings, options.out)
    _write_handles(handles, encodings, order, rows[name] if name else None)
    return (
        f"{options.out}: {len(rows):,} records, key id {encodings.key_id}, "
        f"parameters {parameters.digest}; hand this file over\n"
        f"{handles}: which handle is which of your records; keep it"
    )


def _compare(options: argparse.Namespace) -> str:
    from agm_platform.matching.private import compare
    from agm_platform.matching.private.encoding_file import read_encodings

    left, right = read_encodings(options.left), read_encodings(options.right)
    pairs = compare(left, right)
    out = pairs[["similarity", "accepted"]].copy()
    out["similarity"] = out["similarity"].round(4)
    out["accepted"] = out["accepted"].map({True: "yes", False: "no"})
    for place, side, rows, own in (
        (0, "left", left, options.left_handles),
        (1, "right", right, options.right_handles),
    ):
        handles = _texts(rows.handles)[pairs[f"{side}_row"]]
        out.insert(place, f"{side}_handle", handles)
        if own:
            out[f"{side}_id"] = _own_ids(own, handles)
    out.to_csv(options.out, index=False)
    return (
        f"{options.out}: {int(pairs['accepted'].sum()):,} pairs accepted of {len(left.handles):,} "
        f"and {len(right.handles):,} records, {len(pairs):,} looked at "
        f"(threshold {left.parameters.threshold}, margin {left.parameters.margin})"
    )


def _defaults(method: str) -> Parameters:
    from agm_platform.matching.private import PEOPLE, PEOPLE_BY_HASH

    return PEOPLE if method == "bloom" else PEOPLE_BY_HASH


def _read_parameters(path: Path) -> Parameters:
    from agm_platform.matching.private import LinkageError, Parameters

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read as parameters"
        raise LinkageError(msg) from error
    return Parameters.from_dict(content)


def _write_handles(
    path: Path, encodings: Encodings, order: npt.NDArray[np.intp], ids: pd.Series | None
) -> None:
    """Write handle and own id of every record, readable by the owner only."""
    import pandas as pd

    own = pd.Series(order + 1) if ids is None else ids.iloc[order].reset_index(drop=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        pd.DataFrame({"handle": _texts(encodings.handles), "id": own}).to_csv(file, index=False)


def _own_ids(path: Path, handles: npt.NDArray[Any]) -> npt.NDArray[Any]:
    from agm_platform.matching.private import LinkageError
    from agm_platform.matching.private.records import read_list

    known = read_list(path)
    if not {"handle", "id"} <= set(known.columns):
        msg = f"{path} is no file of handles"
        raise LinkageError(msg)
    ids = known.set_index("handle")["id"].reindex(handles)
    if ids.isna().any():
        msg = f"{path} does not belong to the encoding file: it lacks handles"
        raise LinkageError(msg)
    return ids.to_numpy()


def _texts(handles: npt.NDArray[np.uint64]) -> npt.NDArray[Any]:
    import numpy as np

    return np.array([f"{handle:016x}" for handle in handles.tolist()], dtype=object)
