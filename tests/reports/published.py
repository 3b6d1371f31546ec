"""Events held against the published schemas, of which `tools/schemas.py` took the facts of ECS and OCSF."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "schemas"
ECS: dict[str, Any] = json.loads((_FOLDER / "ecs.json").read_text("ascii"))
OCSF: dict[str, Any] = json.loads((_FOLDER / "ocsf.json").read_text("ascii"))
#: What our own facts are under, of which no schema knows.
OWN = "fimci"
_OTHER = 99
_CLASSES = {one["uid"]: one for one in OCSF["classes"].values()}
_PRIMITIVES: dict[str, tuple[type, ...]] = {
    "string_t": (str,),
    "integer_t": (int,),
    "long_t": (int,),
    "float_t": (int, float),
    "boolean_t": (bool,),
    "json_t": (str, int, float, bool, list, dict),
}
_KEYWORDS = {"keyword", "constant_keyword", "wildcard", "match_only_text", "text"}


def faults_of_ecs(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an event has that the field reference of ECS does not allow."""
    fields: dict[str, dict[str, Any]] = ECS["fields"]
    flat = dict(_flat(event))
    for name, value in flat.items():
        field = fields.get(name)
        if field is None:
            yield f"{name} is no field"
        elif field.get("array", False) != isinstance(value, list):
            yield f"{name} is {'no array' if field.get('array') else 'an array'}"
        else:
            for one in value if isinstance(value, list) else [value]:
                yield from _value_of_ecs(name, field, one)
    yield from (
        f"{name} is missing" for name, one in fields.items() if "required" in one and name not in flat
    )
    allowed = {
        kind for one in flat.get("event.category", ()) for kind in fields["event.category"]["values"][one]
    }
    for kind in flat.get("event.type", ()) if allowed else ():
        if kind not in allowed:
            yield f"event.type {kind} does not go with {flat['event.category']}"


def _flat(event: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in event.items():
        if isinstance(value, dict) and (above or name != OWN):
            yield from _flat(value, f"{above}{name}.")
        elif above or name != OWN:
            yield above + name, value


def _value_of_ecs(name: str, field: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind = field["type"]
    if kind in _KEYWORDS:
        right = isinstance(value, str) and value in field.get("values", {value})
    elif kind == "long":
        right = isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
    elif kind == "date":
        right = isinstance(value, str) and dt.datetime.fromisoformat(value.replace("Z", "+00:00")) is not None
    else:
        right = False  # of no other type is anything that we write
    if not right:
        yield f"{name} is no {kind}: {value!r}"


def faults_of_ocsf(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an event has that its class does not allow."""
    found = _CLASSES.get(event.get("class_uid", 0))
    if found is None:
        yield "is of no class that we write"
        return
    yield from _faults(found, event, "", set(event.get("metadata", {}).get("profiles", ())))
    if event.get("type_uid") != event["class_uid"] * 100 + event["activity_id"]:
        yield "type_uid is not of the class and the activity"
    if event.get("metadata", {}).get("version") != OCSF["version"]:
        yield "is of another version"


def _faults(
    thing: Mapping[str, Any], there: Mapping[str, Any], above: str, profiles: set[str]
) -> Iterator[str]:
    attributes: dict[str, dict[str, Any]] = thing["attributes"]
    for name, value in there.items():
        attribute = attributes.get(name)
        if attribute is None:
            yield f"{above}{name} is no attribute of {thing['caption']}"
            continue
        if "deprecated" in attribute:
            yield f"{above}{name} is deprecated since {attribute['deprecated']}"
        if attribute.get("array", False) != isinstance(value, list):
            yield f"{above}{name} is {'no array' if attribute.get('array') else 'an array'}"
            continue
        for one in value if isinstance(value, list) else [value]:
            yield from _value(attribute, one, f"{above}{name}", profiles)
        yield from _sibling(attribute, value, there, f"{above}{name}")
    for name, attribute in attributes.items():
        wanted = attribute.get("required") or attribute.get("profile") in profiles
        if wanted and name not in there:
            yield f"{above}{name} is missing"
    yield from _constraints(thing.get("constraints") or {}, there, above)


def _constraints(constraints: Mapping[str, list[str]], there: Mapping[str, Any], above: str) -> Iterator[str]:
    for kind, names in constraints.items():
        number = sum(name in there for name in names)
        if (kind == "at_least_one" and not number) or (kind == "just_one" and number != 1):
            yield f"{above} has {number} of {names}: {kind}"


def _sibling(attribute: Mapping[str, Any], value: Any, there: Mapping[str, Any], where: str) -> Iterator[str]:
    """Hold the text beside a number against the caption that the number has."""
    text = there.get(attribute.get("sibling", ""))
    caption = attribute.get("enum", {}).get(str(value))
    if text is not None and value != _OTHER and text != caption:
        yield f"{where} is {caption!r}, and the text beside it says {text!r}"


def _value(attribute: Mapping[str, Any], value: Any, where: str, profiles: set[str]) -> Iterator[str]:
    kind = attribute["type"]
    if kind in OCSF["types"]:
        yield from _typed(kind, value, where)
        if "enum" in attribute and str(value) not in attribute["enum"]:
            yield f"{where} is none of the values: {value!r}"
    elif not isinstance(value, dict):
        yield f"{where} is no object"
    elif kind != "object":  # of `unmapped` nothing is said
        yield from _faults(OCSF["objects"][kind], value, f"{where}.", profiles)


def _typed(kind: str, value: Any, where: str) -> Iterator[str]:
    while True:
        said = OCSF["types"][kind]
        if isinstance(value, str) and "regex" in said and re.search(said["regex"], value) is None:
            yield f"{where} is no {kind}: {value!r}"
        if isinstance(value, str) and len(value) > said.get("max_len", len(value)):
            yield f"{where} is longer than {said['max_len']}"
        if "type" not in said:
            break
        kind = said["type"]
    if not isinstance(value, _PRIMITIVES[kind]) or (
        isinstance(value, bool) and kind in {"integer_t", "long_t"}
    ):
        yield f"{where} is no {kind}: {value!r}"
