import pytest
from hypothesis import given

from fimci.readers.manifests import nuget_config
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <clear />
    <add key="corp" value="https://u:p@nuget.example/v3/index.json" />
    <add key="plain" value="http://nuget.example/" allowInsecureConnections="true" />
  </packageSources>
  <PackageSourceMapping>
    <packageSource key="corp">
      <package pattern="Acme.*" />
    </packageSource>
  </PackageSourceMapping>
  <packageSourceCredentials>
    <corp><add key="Username" value="me" /><add key="ClearTextPassword" value="hunter2" /></corp>
  </packageSourceCredentials>
  <apikeys><add key="https://nuget.example/" value="hunter2" /></apikeys>
  <config><add key="signatureValidationMode" value="require" /></config>
  <trustedSigners>
    <author name="acme"><certificate fingerprint="00" hashAlgorithm="SHA256"/></author>
    <repository name="corp" serviceIndex="https://nuget.example/"><owners>acme</owners></repository>
  </trustedSigners>
</configuration>
"""


def test_every_switch_without_secrets() -> None:
    found = seen.records(nuget_config, "nuget.config", WHOLE)
    assert seen.switches(found) == {
        "packageSources.clear": ("true", 4),
        "packageSources.corp": ("https://***@nuget.example/v3/index.json", 5),
        "packageSources.plain": ("http://nuget.example/", 6),
        "packageSources.plain.allowInsecureConnections": ("true", 6),
        "packageSourceMapping.corp.Acme.*": ("true", 10),
        "packageSourceCredentials.corp.Username": ("(secret)", 14),
        "packageSourceCredentials.corp.ClearTextPassword": ("(secret)", 14),
        "apikeys.https://nuget.example/": ("(secret)", 16),
        "config.signatureValidationMode": ("require", 17),
        "trustedSigners.acme.00": ("SHA256", 19),
        "trustedSigners.corp": ("https://nuget.example/", 20),
    }
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("path", ["nuget.config", "src/NuGet.Config", "NuGet.config"])
def test_its_name_has_no_case(path: str) -> None:
    assert nuget_config.wants(path, b"")


@pytest.mark.parametrize("text", ["<configuration>", "<other/>", "", "<!DOCTYPE x><configuration/>"])
def test_what_is_not_understood_is_unread(text: str) -> None:
    assert len(seen.unread(seen.records(nuget_config, "nuget.config", text))) == 1


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(nuget_config, "nuget.config", data)
