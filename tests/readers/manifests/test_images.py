"""Images wherever a file names one: Dockerfile and its kin, compose files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Digest, Package, Place
from fimci.readers.manifests import compose, dockerfile, images
from tests import hostile
from tests.readers import mutants, seen

DIGEST = "a" * 64
WHOLE = f"""# syntax=docker/dockerfile:1.7@sha256:{DIGEST}
# escape=\\
ARG VERSION=20 OS="alpine"
ARG BASE=registry.example:5000/node
FROM --platform=$BUILDPLATFORM $BASE:${{VERSION}}-${{OS}} AS Build
ARG VERSION=99
COPY --from=docker.example/tools:1 /x /y
RUN --mount=type=bind,from=helper.example/h@sha256:{DIGEST},target=/m \\
    # a comment between
    --mount=type=cache,target=/c \\
    make && cat <<EOF > /etc/x
FROM never.example/inside
EOF
FROM build AS second
COPY --chown=1:1 --from=build /a /b
COPY --from=0 /a /b
COPY <<-"ONE" <<TWO /dir/
FROM also.example/inside
ONE
TWO
FROM scratch
ONBUILD COPY --from=late.example/image /a /b
FROM ${{UNKNOWN}}:${{TAG:-latest}}
from plain
"""


def uses(path: str, text: str) -> list[tuple[str, object, int]]:
    reader = compose if path.endswith(("yml", "yaml")) else dockerfile
    found = [one for one in reader.read(path, text.encode()) if isinstance(one, Package)]
    return [(one.name, one.integrity[0].hex if one.integrity else one.version, one.at.line) for one in found]


def test_what_a_dockerfile_uses() -> None:
    assert uses("Dockerfile", WHOLE) == [
        ("docker/dockerfile", DIGEST, 1),
        ("registry.example:5000/node", "20-alpine", 5),
        ("docker.example/tools", "1", 7),
        ("helper.example/h", DIGEST, 8),
        ("late.example/image", None, 22),
        ("${UNKNOWN}:latest", UNSTATED, 23),
        ("plain", None, 24),
    ]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("Dockerfile", True),
        ("a/Dockerfile.dev", True),
        ("dev.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("docs/dockerfile.md", False),
    ],
)
def test_names(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert dockerfile.wants(path, b"") is wanted


def test_windows_escapes_with_a_backtick() -> None:
    text = "# escape=`\nFROM windows.example/core`\n  :ltsc\nCOPY --from=x.example/y C:\\a\\ b\n"
    assert uses("Dockerfile", text)[1:] == [("x.example/y", None, 4)]


def test_a_use_has_the_same_place_wherever_it_moves() -> None:
    before = seen.records(dockerfile, "Dockerfile", "FROM a:1 AS x\nFROM b:1\nCOPY --from=a:1 / /\n")
    after = seen.records(
        dockerfile, "Dockerfile", "# moved\n\nFROM b:1\nFROM a:1 AS x\nCOPY --from=a:1 / /\n"
    )
    assert seen.changes(before, after) == []


def test_from_without_an_image_is_unread() -> None:
    assert seen.unread(seen.records(dockerfile, "Dockerfile", "FROM\nFROM --platform=x\n")) == [
        ("line 1", 1),
        ("line 2", 2),
    ]
    assert seen.unread(seen.records(dockerfile, "Dockerfile", b"\xff")) == [("", 1)]


COMPOSE = f"""services:
  web: &web
    image: registry.example/web:${{TAG:-1.2}}
  worker:
    <<: *web
    image: worker.example/w@sha256:{DIGEST}
  own:
    build: .
    image: own.example/result
  odd:
    image: [1]
  computed:
    image: ${{IMAGE}}
"""


def test_what_compose_runs() -> None:
    assert uses("docker-compose.prod.yml", COMPOSE) == [
        ("registry.example/web", "1.2", 3),
        ("worker.example/w", DIGEST, 6),
        ("${IMAGE}", UNSTATED, 13),
    ]
    assert seen.unread(seen.records(compose, "compose.yaml", COMPOSE)) == [("services.odd.image", 11)]
    assert len(seen.unread(seen.records(compose, "compose.yaml", "services: ["))) == 1
    assert len(seen.unread(seen.records(compose, "compose.yaml", "services:\n  a: {}\n  a: {}\n"))) == 1
    assert uses("compose.yaml", "services: 1") == []


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("compose.yaml", True),
        ("a/docker-compose.override.yml", True),
        ("decompose.yml", False),
        ("compose.txt", False),
    ],
)
def test_names_of_compose_files(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert compose.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("$A${B}", {"A": "1", "B": "2"}, "12"),
        ("${A:-x}${A-y}", {}, "xy"),
        ("${A:+x}", {"A": "1"}, "x"),
        ("${A:+x}", {}, ""),
        ("${A:?no}$", {}, "${A:?no}$"),
    ],
)
def test_variables(text: str, values: dict[str, str], expected: str) -> None:
    assert images.substituted(text, values) == expected


def test_a_reference_in_full() -> None:
    found = images.image(f"docker://host.example:5000/a/b:1.0@sha256:{DIGEST}", "p#x", Place("p"))
    assert (found.name, found.version) == ("host.example:5000/a/b", "1.0")
    assert found.integrity == (Digest("sha256", DIGEST),)


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()) | st.binary(max_size=60))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(dockerfile, "Dockerfile", data)
    mutants.bear(compose, "compose.yaml", data)


@pytest.mark.parametrize("piece", [b"FROM a \\\n", b"<<A ", b'"', b"RUN --mount=from=x ", b"${A:-", b"<<A\n"])
def test_time_is_linear(piece: bytes) -> None:
    mutants.is_linear(dockerfile, "Dockerfile", lambda size: b"RUN " + piece * size, 5000)
