"""Take from the published schemas of a SIEM what the tests hold our events against.

    git -C ocsf-schema archive 1.3.0 | tar x -C ocsf            # ocsf/ocsf-schema
    python -m ocsf.compile ocsf --profile host > ocsf.json      # OCSF's own compiler (`ocsf-lib`)
    python tools/schemas.py ocsf ocsf.json --date 2024-08-01
    git -C ecs show v8.17.0:generated/ecs/ecs_flat.yml > ecs_flat.yml      # elastic/ecs
    python tools/schemas.py ecs ecs_flat.yml --version 8.17.0 --date 2025-01-29

The result, `tests/reports/schemas/NAME.json`, has facts alone: names, types, what is required, allowed
values. Of OCSF it is all attributes of the classes that we write and of the objects in these, of ECS all
fields of the field sets that we write. The same file gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "reports" / "schemas"
#: Classes and objects of OCSF, and field sets of ECS, that our events have.
CLASSES = ("detection_finding", "scan_activity")
OBJECTS = (
    *("analytic", "device", "evidences", "file", "finding_info", "metadata", "product", "remediation"),
    *("resource_details", "scan"),
)
SETS = ("@timestamp", "ecs", "event", "file", "host", "log", "message", "observer", "package", "rule")


def main() -> None:
    """Write the facts of one schema."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("name", choices=["ecs", "ocsf"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--version", help="of ECS, whose file does not say it")
    parser.add_argument("--date", required=True, help="the day on which this version was published")
    given = parser.parse_args()
    text = given.file.read_text(encoding="utf-8")
    if given.name == "ecs":
        facts = {"version": given.version, "date": given.date, **ecs(yaml.safe_load(text))}
    else:
        facts = {"date": given.date, **ocsf(json.loads(text))}
    (FOLDER / f"{given.name}.json").write_text(f"{json.dumps(facts, indent=1, sort_keys=True)}\n", "ascii")


def ocsf(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a compiled schema."""
    return {
        "version": schema["version"],
        "classes": {name: _thing(schema["classes"][name]) for name in CLASSES},
        "objects": {name: _thing(schema["objects"][name]) for name in OBJECTS},
        "types": {
            name: {key: one[key] for key in ("type", "regex", "max_len", "range") if one.get(key) is not None}
            for name, one in schema["types"].items()
        },
    }


def _thing(one: dict[str, Any]) -> dict[str, Any]:
    found = {
        "uid": one.get("uid"),
        "caption": one["caption"],
        "constraints": one.get("constraints"),
        "attributes": {name: _attribute(attribute) for name, attribute in one["attributes"].items()},
    }
    return {key: value for key, value in found.items() if value is not None}


def _attribute(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": one["type"]}
    if one["requirement"] == "required":
        found["profile" if one.get("profile") else "required"] = one.get("profile") or True
    if one.get("is_array"):
        found["array"] = True
    if one.get("deprecated"):
        found["deprecated"] = one["deprecated"]["since"]
    if one.get("sibling"):
        found["sibling"] = one["sibling"]
    if one.get("enum"):
        found["enum"] = {value: member["caption"] for value, member in one["enum"].items()}
    return found


def ecs(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of the flat list of fields."""
    chosen = {name: one for name, one in fields.items() if name.partition(".")[0] in SETS}
    return {"fields": {name: _field(one) for name, one in chosen.items()}}


def _field(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": one["type"]}
    if one.get("required"):
        found["required"] = True
    if "array" in one.get("normalize", ()):
        found["array"] = True
    if one.get("allowed_values"):
        found["values"] = {
            value["name"]: sorted(value.get("expected_event_types", ())) for value in one["allowed_values"]
        }
    return found


if __name__ == "__main__":
    main()
