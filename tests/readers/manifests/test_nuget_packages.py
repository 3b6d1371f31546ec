"""What projects of .NET ask for: in project files, in lists of packages and of tools, and by SDKs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimci.readers.manifests import msbuild, nuget_packages
from tests.readers import mutants, seen

PROJECT = """<Project Sdk="Microsoft.NET.Sdk;Acme.Build/1.0.0">
  <Sdk Name="Acme.More" Version="2.0.0" />
  <Import Project="a.props" Sdk="Acme.Third/3.0.0" />
  <PropertyGroup>
    <LeftVersion>1.$(Minor)</LeftVersion>
    <Minor>5</Minor>
    <Loop>$(Loop)$(Loop)</Loop>
  </PropertyGroup>
  <ItemGroup Condition="'$(Other)' == ''">
    <PackageReference Include="Left" Version="$(LeftVersion)" />
    <PackageReference Include="Left" Version="2.*" />
    <PackageReference Include="Central" />
    <PackageReference Update="Own" VersionOverride="3.0.0" />
    <PackageReference Include="One;Two">
      <Version>4.0.0</Version>
    </PackageReference>
    <PackageReference Include="$(Computed)" Version="1.0.0" />
    <PackageReference Include="Elsewhere" Version="$(Unknown)" />
    <PackageReference Include="Round" Version="$(Loop)" />
    <Compile Include="a.cs" />
  </ItemGroup>
  <Choose>
    <When Condition="true"><ItemGroup><PackageVersion Include="Chosen" Version="5.0.0" /></ItemGroup></When>
  </Choose>
  <ItemGroup>
    <GlobalPackageReference Include="Everywhere" Version="6.0.0" />
    <DotNetCliToolReference Include="Tool" Version="7.0.0" />
  </ItemGroup>
</Project>
"""
TOOLS = """{
  // what developers run
  "version": 1,
  "tools": {
    "left": { "version": "1.0.0", "commands": ["left"] },
    "odd": 1
  }
}
"""


def test_what_a_project_asks_for() -> None:
    found = seen.records(msbuild, "src/A.csproj", PROJECT)
    assert {place: (one.version, one.at.line) for place, one in seen.packages(found).items()} == {
        "packages/Left": ("1.5", 10),
        "packages/Left (2)": ("2.*", 11),
        "packages/Central": (None, 12),
        "packages/Own": ("3.0.0", 13),
        "packages/One": ("4.0.0", 14),
        "packages/Two": ("4.0.0", 14),
        "packages/Elsewhere": ("$(Unknown)", 18),
        "packages/Round": ("$(Loop)" * 8, 19),
        "versions/Chosen": ("5.0.0", 23),
        "packages/Everywhere": ("6.0.0", 26),
        "tools/Tool": ("7.0.0", 27),
    }
    assert seen.switches(found) == {
        "msbuild.floating.Left (2)": ("2.*", 11),
        "msbuild.sdk.Acme.Build": ("1.0.0", 1),
        "msbuild.sdk.Acme.More": ("2.0.0", 2),
        "msbuild.sdk.Acme.Third": ("3.0.0", 3),
    }


def test_lists_of_packages_and_tools() -> None:
    listed = '<packages>\n<package id="Left" version="1.0.0" />\n<package version="2.0.0" />\n</packages>'
    found = seen.records(nuget_packages, "a/packages.config", listed)
    assert {place: (one.version, one.at.line) for place, one in seen.packages(found).items()} == {
        "packages/Left": ("1.0.0", 2)
    }
    found = seen.records(nuget_packages, ".config/dotnet-tools.json", TOOLS)
    assert {place: (one.version, one.at.line) for place, one in seen.packages(found).items()} == {
        "tools/left": ("1.0.0", 5),
        "tools/odd": (None, 6),
    }
    found = seen.records(nuget_packages, "global.json", '{"msbuild-sdks": {"A": "1.0.0", "B": 1}}')
    assert seen.switches(found) == {"msbuild.sdk.A": ("1.0.0", 1)}


def test_what_is_no_list() -> None:
    assert seen.records(nuget_packages, "packages.config", "<other><package id='a'/></other>") == []
    assert seen.unread(seen.records(nuget_packages, "packages.config", "<packages>")) == [("", 1)]
    assert seen.unread(seen.records(nuget_packages, "global.json", "{")) != []


@given(mutants.mutated(PROJECT.encode()))
def test_a_project_may_hold_anything(data: bytes) -> None:
    mutants.bear(msbuild, "A.csproj", data)


@given(mutants.mutated(TOOLS.encode()) | st.binary(max_size=200))
def test_lists_may_hold_anything(data: bytes) -> None:
    for path in ("dotnet-tools.json", "global.json", "packages.config"):
        mutants.bear(nuget_packages, path, data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    one = '<PackageReference Include="Left" Version="$(V)" />'
    properties = f"<PropertyGroup><V>{'$(W)' * 90}</V></PropertyGroup>"

    def made(size: int) -> bytes:
        return f"<Project>{properties}<ItemGroup>{one * size}</ItemGroup></Project>".encode()

    def listed(size: int) -> bytes:
        names = "a;" * size
        return f'<Project><ItemGroup><PackageReference Include="{names}"/></ItemGroup></Project>'.encode()

    mutants.is_linear(msbuild, "A.csproj", made, 300)
    mutants.is_linear(msbuild, "A.csproj", listed, 500)
