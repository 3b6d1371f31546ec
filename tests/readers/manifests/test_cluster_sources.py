import pytest
from hypothesis import given

from fimci.model import UNSTATED
from fimci.readers.manifests import cluster_sources
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: apps, namespace: flux-system}
spec:
  url: https://u:p@git.example/o/apps.git
  ref:
    branch: main
    commit: 1111111111111111111111111111111111111111
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: left}
spec:
  url: oci://registry.example/o/charts/left
  ref: {tag: 1.2.3, digest: "sha256:22"}
---
apiVersion: v1
kind: List
items:
  - apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: charts}
    spec: {url: "https://charts.example"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart:
    spec:
      chart: nginx
      version: 1.0.0
      sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: other}
spec:
  chartRef: {kind: OCIRepository, name: left}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec:
  sourceRef: {kind: GitRepository, name: apps}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: one, namespace: argocd}
spec:
  source: {repoURL: "https://git.example/o/r", path: x, targetRevision: v1.0}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: two}
spec:
  sources:
    - {repoURL: registry.example/charts, chart: redis, targetRevision: 2.0.0}
    - {repoURL: "git@git.example:o/values.git", targetRevision: HEAD, ref: values}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: many}
spec:
  generators:
    - matrix:
        generators:
          - git: {repoURL: "https://git.example/o/clusters", revision: main}
  template:
    spec:
      source: {repoURL: "{{ .repo }}", targetRevision: "{{ .rev }}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: none}
spec: {url: "https://nowhere.example"}
"""


def test_sources_of_a_cluster() -> None:
    found = seen.records(cluster_sources, "a.yaml", WHOLE)
    packages = seen.packages(found)
    assert {place: (one.name, one.version, one.origin, one.at.line) for place, one in packages.items()} == {
        "GitRepository/flux-system/apps": (
            "GitRepository/flux-system/apps",
            "1" * 40,
            f"https://***@git.example/o/apps.git?rev={'1' * 40}",
            6,
        ),
        "OCIRepository/left": ("OCIRepository/left", "1.2.3", "oci://registry.example/o/charts/left", 15),
        "HelmRepository/charts": ("HelmRepository/charts", None, "https://charts.example", 24),
        "HelmRelease/web": ("HelmRelease/web/nginx", "1.0.0", "@HelmRepository/flux-system/charts", 34),
        "HelmRelease/other": ("HelmRelease/other", None, "@OCIRepository/left", 40),
        "Kustomization/apps": ("Kustomization/apps", None, "@GitRepository/apps", 46),
        "Application/argocd/one": ("argocd/one", "v1.0", "https://git.example/o/r?ref=v1.0", 52),
        "Application/two/charts": ("two/charts/redis", "2.0.0", "oci://registry.example/charts", 59),
        "Application/two/values": ("two/values", "HEAD", "git@git.example:o/values.git?ref=HEAD", 60),
        "ApplicationSet/many": ("many", UNSTATED, UNSTATED, 72),
        "ApplicationSet/many/generators/clusters": (
            "many/clusters",
            "main",
            "https://git.example/o/clusters?ref=main",
            69,
        ),
    }
    assert packages["OCIRepository/left"].integrity[0].hex == "22"  # type: ignore[index]
    assert seen.unread(found) == []


def test_a_chart_in_a_repository_of_git_has_no_name_of_its_own() -> None:
    text = WHOLE.replace(
        "sourceRef: {kind: HelmRepository, name: charts", "sourceRef: {kind: Bucket, name: charts"
    )
    assert (
        seen.packages(seen.records(cluster_sources, "a.yaml", text))["HelmRelease/web"].name
        == "HelmRelease/web"
    )


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.yaml", "apiVersion: argoproj.io/v1\nspec: [\n", [("", 3)]),
        ("a.yaml", "{{ x }}\napiVersion: argoproj.io/v1\nspec: [\n", [("", 1)]),
        ("charts/x/templates/a.yaml", "{{ x }}\napiVersion: argoproj.io/v1\nspec: [\n", []),
        ("a.yaml", "apiVersion: v1\nspec: [\n", []),
        (
            "a.yaml",
            "apiVersion: argoproj.io/v1\nkind: Application\nspec:\n  source: {}\n  source: {repoURL: b}\n",
            [("spec.source", 5)],
        ),
        (
            "a.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values: {a: 1, a: 2}\n",
            [],
        ),
    ],
)
def test_what_cannot_be_told_is_unread(path: str, text: str, expected: list[tuple[str, int]]) -> None:
    """A template of Helm is no YAML yet, and values are not sources."""
    assert seen.unread(seen.records(cluster_sources, path, text)) == expected


def test_the_group_may_stand_anywhere_in_the_file() -> None:
    text = "# x\n" * 5_000 + WHOLE
    assert cluster_sources.wants("a.yml", text[:4096].encode())
    assert len(seen.packages(seen.records(cluster_sources, "a.yml", text))) == 11


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(cluster_sources, "a.yaml", data)


def test_time_is_linear() -> None:
    one = WHOLE.partition("apiVersion: v1")[0].encode()
    mutants.is_linear(cluster_sources, "a.yaml", lambda count: one * count, 50)
