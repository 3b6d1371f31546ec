import pytest
from hypothesis import given

from fimci.model import UNSTATED
from fimci.readers.manifests import terraform_modules
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """# module "no" { source = "a/b/c" }
/* module "no" {
source = "a/b/c" } */
module "vpc" {
  source  = "owner/vpc/aws" // not "x/y/z"
  version = "~> 5.0"
  tags    = { source = "x/y/z", note = "a ${join(",", ["}", "{"])} $${b} \\" }" }
}
module "git" { source = "git::https://u:p@git.example/o/r.git//sub?ref=v1.0" }
module "private" {
  source = "app.example/owner/vpc/aws//sub"
}
module "here" { source = "./here" }
module "computed" {
  source = "git::https://git.example/o/r.git?ref=${var.version}"
}
locals {
  text = <<-EOT
    module "no" { source = "a/b/c" "
    EOT
  source = "a/b/c"
}
"""


def test_modules_that_are_no_paths_of_the_repository() -> None:
    found = seen.records(terraform_modules, "main.tf", WHOLE)
    packages = seen.packages(found)
    assert {
        place: (one.name, one.version, one.origin_kind, one.origin, one.at.line)
        for place, one in packages.items()
    } == {
        "module/vpc": ("owner/vpc/aws", "~> 5.0", "registry", None, 5),
        "module/git": ("r", "v1.0", "git", "https://***@git.example/o/r.git?ref=v1.0", 9),
        "module/private": ("owner/vpc/aws", None, "registry", "https://app.example", 11),
        "module/computed": ("r", UNSTATED, "git", "https://git.example/o/r.git?ref=${var.version}", 15),
    }
    assert seen.unread(found) == []


def test_a_source_that_is_computed_is_stated_by_nobody() -> None:
    text = 'terraform {\n  source = "${local.base}//x?ref=v1"\n}\n'
    (found,) = seen.packages(seen.records(terraform_modules, "terragrunt.hcl", text)).values()
    assert (found.name, found.origin, found.version) == ("terraform", UNSTATED, None)


@pytest.mark.parametrize(
    "value",
    [
        '("u5/vpc/aws")',
        'true ? "u5/vpc/aws" : "us/vpc/aws"',
        '"u\\u0035/vpc/aws"',
        "<<A\nx\nA",
        '"${var.x}/vpc/aws"',
        "x",
    ],
)
def test_a_source_that_is_no_plain_text_is_told(value: str) -> None:
    """Where a module comes from is not to be hidden by the way it is written."""
    text = f'module "vpc" {{\n  version = "5.0.0"\n  source  = {value}\n}}\nmodule "b" {{source="o/n/s"}}\n'
    found = seen.records(terraform_modules, "main.tf", text)
    assert seen.unread(found) == [("module.vpc", 3)]
    assert list(seen.packages(found)) == ["module/b"]


def test_an_address_beyond_any_use_is_told() -> None:
    text = f'module "a" {{ source = "{"a" * 3000}" }}'
    assert seen.unread(seen.records(terraform_modules, "main.tf", text)) == [("module.a", 1)]


def test_modules_in_json() -> None:
    listed = '[{"source": "./b"}, {"source": "o/m/s"}]'
    text = f'{{"module": {{"a": {{"source": "o/n/s",\n"version": "1"}}, "b": {listed}}}}}'
    found = seen.packages(seen.records(terraform_modules, "main.tf.json", text))
    assert {place: (one.name, one.version) for place, one in found.items()} == {
        "module/a": ("o/n/s", "1"),
        "module/b": ("o/m/s", None),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('module "a" {\n  source = "a/b/c"\n', 3),
        ('module "a" {\n  source = "a/b/c\n}\n', 2),
        ("x = <<EOT\nsource\n", 1),
        ("source = 1\n}\n", 2),
        (b"source \xff", 1),
    ],
)
def test_what_is_no_configuration_is_unread(text: str | bytes, line: int) -> None:
    assert seen.unread(seen.records(terraform_modules, "main.tf", text)) == [("", line)]


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(terraform_modules, "main.tf", data)


@pytest.mark.parametrize(
    "piece",
    [b'"${', b'"', b"{", b"<<A\n", b"/*", b"#", b'module "a" {source="a/b/c"}\n', b"[", b"\\", b"a"],
)
def test_time_is_linear(piece: bytes) -> None:
    mutants.is_linear(terraform_modules, "a.tf", lambda size: b"source\n" + piece * size, 3000)
