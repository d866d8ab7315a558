"""What a test process compiles once and keeps: templates, addresses, statements.

Every test makes an application of its own, which would compile the same templates, URL rules and
SQL again; that is half of a page test. Nothing of what is kept depends on a test's data.
"""

from __future__ import annotations

import gc
from types import CodeType
from typing import Any

import flask
from hypothesis.internal.conjecture import providers
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.routing.matcher import StateMachineMatcher

from app.core import database


class Templates(BytecodeCache):
    """Compiled templates by name and the checksum of their source."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand out what an earlier application compiled."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    """Flask's own place for options of the template environment."""
    flask.Flask.jinja_options = {"bytecode_cache": Templates()}


def keep_addresses() -> None:
    """What werkzeug makes of a rule (parts, converters, builders); equal rules have equal ones."""
    compile_rule, kept = Rule.compile, {}

    def once(rule: Rule) -> None:
        names = (rule.rule, rule.host, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        key = (*names, rule.map.host_matching, tuple(rule.map.converters.values()))
        if key not in kept:
            compile_rule(rule)
            builders = (rule._build.__func__, rule._build_unknown.__func__)
            kept[key] = (rule._parts, rule._trace, rule._converters, rule.arguments, *builders)
            return
        rule._parts, rule._trace, rule._converters, rule.arguments, build, build_unknown = kept[key]
        rule._build = build.__get__(rule, None)
        rule._build_unknown = build_unknown.__get__(rule, None)

    Rule.compile = once


def keep_maps() -> None:
    """The tree that finds a rule by its path; whoever has the same rules shares it."""
    add, settle, kept = StateMachineMatcher.add, StateMachineMatcher.update, {}

    def later(matcher: StateMachineMatcher, rule: Rule) -> None:
        vars(matcher).setdefault("rules", []).append(rule)

    def update(matcher: StateMachineMatcher) -> None:
        rules = vars(matcher).get("rules", [])
        key = tuple((r.rule, r.endpoint, frozenset(r.methods or ()), r.host) for r in rules)
        if key not in kept:
            fresh = StateMachineMatcher(matcher.merge_slashes)
            for rule in rules:
                add(fresh, rule)
            settle(fresh)
            kept[key] = fresh._root
        matcher._root = kept[key]

    StateMachineMatcher.add, StateMachineMatcher.update = later, update


def keep_statements() -> None:
    """Compiled SQL, for which all dialects of a kind are one."""
    begin, kept = Engine.__init__, LRUCache(5_000)

    def with_what_is_kept(engine: Engine, *args: Any, **options: Any) -> None:
        begin(engine, *args, **options)
        engine._compiled_cache = kept

    Engine.__init__ = with_what_is_kept
    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)
    DefaultDialect.__hash__ = lambda one: hash(type(one))


def spare_the_disk() -> None:
    """A test's database need not outlive the machine, only its processes."""
    prepare = database._prepare_sqlite

    def prepare_for_tests(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    database._prepare_sqlite = prepare_for_tests


def read_no_sources() -> None:
    """Hypothesis reads all of the app for numbers and words that it might try; the examples of the
    tests come from their strategies."""
    providers.is_local_module_file = lambda _path: False


def rest_the_collector() -> None:
    """What was imported stays until the end; looking through it again and again finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
