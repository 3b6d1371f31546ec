"""What a build of Maven takes, from where, and what it runs."""

from __future__ import annotations

from fimci.model import Package
from fimci.readers.manifests import maven_config, maven_pom
from tests import growth
from tests.readers import seen

POM = """
<project>
  <parent><groupId>org.acme</groupId><artifactId>parent</artifactId><version>2</version></parent>
  <artifactId>shop</artifactId>
  <properties>
    <left.version>1.${minor}</left.version>
    <minor>5</minor>
    <loop>${loop}${loop}</loop>
  </properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.left</groupId><artifactId>bom</artifactId>
      <version>${left.version}</version><type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>${project.groupId}</groupId><artifactId>parts</artifactId>
      <version>${project.version}</version></dependency>
    <dependency><groupId>org.left</groupId><artifactId>left</artifactId></dependency>
    <dependency><groupId>org.left</groupId><artifactId>left</artifactId><version>${loop}</version></dependency>
  </dependencies>
  <profiles><profile><id>more</id>
    <repositories>
      <repository><id>there</id><url>https://name:word@there.example/maven</url></repository>
    </repositories>
    <build><plugins><plugin><artifactId>maven-antrun-plugin</artifactId><executions><execution>
      <configuration><exec executable="sh"><arg value="-c"/><arg line="ls -l"/></exec></configuration>
    </execution></executions></plugin></plugins></build>
  </profile></profiles>
</project>
"""


def test_what_a_project_asks_for() -> None:
    found = seen.packages(seen.records(maven_pom, "pom.xml", POM))
    assert {place: (one.version, one.origin_kind, one.at.line) for place, one in found.items()} == {
        "parent/org.acme/parent": ("2", "registry", 3),
        "managed/org.left/bom:pom": ("1.5", "registry", 11),
        "dependencies/org.acme/parts": ("2", "workspace", 15),
        "dependencies/org.left/left": (None, "registry", 17),
        "dependencies/org.left/left (2)": ("${loop}" * 8, "registry", 18),
        "plugins/org.apache.maven.plugins/maven-antrun-plugin": (None, "registry", 24),
    }


def test_what_a_profile_switches() -> None:
    assert seen.switches(seen.records(maven_pom, "pom.xml", POM)) == {
        "maven.repositories.there": ("https://***@there.example/maven", 22),
        "maven.commands.org.apache.maven.plugins/maven-antrun-plugin.default": ("sh -c ls -l", 24),
    }


def test_a_long_command_is_told_by_its_hash() -> None:
    text = POM.replace("ls -l", "x" * 5_000)
    (name,) = (one for one in seen.switches(seen.records(maven_pom, "pom.xml", text)) if "commands" in one)
    value, _ = seen.switches(seen.records(maven_pom, "pom.xml", text))[name]
    other, _ = seen.switches(seen.records(maven_pom, "pom.xml", text.replace("x</", "y</")))[name]
    assert "sha256:" in value
    assert other == value
    other, _ = seen.switches(seen.records(maven_pom, "pom.xml", text.replace('x"/>', 'y"/>')))[name]
    assert other != value


def test_other_xml_is_none_of_maven() -> None:
    assert not seen.records(maven_pom, "pom.xml", "<other><dependencies/></other>")
    assert seen.unread(seen.records(maven_pom, "pom.xml", "<project>")) == [("", 1)]
    assert not maven_pom.wants("src/settings.xml", b"<resources/>")
    assert maven_pom.wants("ci/settings.xml", b"<?xml version='1.0'?>\n<settings>")
    assert maven_pom.wants("a/.mvn/extensions.xml", b"")


def test_settings_may_stand_anywhere() -> None:
    text = """<settings>
      <mirrors><mirror><id>all</id><url>https://mirror.example/maven</url></mirror></mirrors>
      <proxies><proxy><id>ours</id><host>proxy.example</host></proxy></proxies>
      <profiles><profile><repositories>
        <repository><id>more</id><url>https://more.example/maven</url></repository>
      </repositories></profile></profiles>
    </settings>"""
    assert seen.switches(seen.records(maven_pom, "ci/settings.xml", text)) == {
        "maven.mirrors.all": ("https://mirror.example/maven", 2),
        "maven.proxies.ours": ("proxy.example", 3),
        "maven.repositories.more": ("https://more.example/maven", 5),
    }


def test_the_options_of_every_build() -> None:
    text = "# -c\n-s a.xml --global-settings=b.xml\n-Dpassword=secret -U\n-C\n"
    assert seen.switches(seen.records(maven_config, ".mvn/maven.config", text)) == {
        "mvn.settings": ("a.xml", 2),
        "mvn.global-settings": ("b.xml", 2),
        "mvn.-Dpassword": ("(secret)", 3),
        "mvn.-U": ("true", 3),
        "mvn.strict-checksums": ("true", 4),
    }


def _asked(size: int) -> str:
    one = "<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency>"
    properties = "<properties><v>" + "${w}" * 90 + "</v><w>" + "x" * 399 + "</w></properties>"
    return f"<project>{properties}<dependencies>{one * size}</dependencies></project>"


def _read(text: str) -> list[Package]:
    return [one for one in seen.records(maven_pom, "pom.xml", text) if isinstance(one, Package)]


def test_time_grows_with_the_file_and_no_faster() -> None:
    growth.is_linear(_read, _asked, 300)
