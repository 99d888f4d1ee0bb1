#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# "sarif FILE" and "html FILE": the report has the shape that SARIF 2.1.0 or a
# page of our own kind must have; prints what is wrong.  Then counts: results
# and failures of SARIF, articles and pictures of a page.
import html.parser
import json
import re
import sys
import urllib.parse


def need(ok, what):
    if not ok:
        sys.exit('report-check: ' + what)


def members(obj, required, allowed, what):
    need(isinstance(obj, dict), what + ' is no object')
    need(set(required) <= set(obj), what + ' lacks a member')
    need(set(obj) <= set(allowed), what + ' has an unknown member')


def unique(pairs):
    need(len({k for k, _ in pairs}) == len(pairs), 'a duplicate member')
    return dict(pairs)


def location(loc):
    members(loc, ['physicalLocation'],
            ['physicalLocation', 'logicalLocations'], 'location')
    place = loc['physicalLocation']
    members(place, ['artifactLocation'], ['artifactLocation', 'region'],
            'physicalLocation')
    members(place['artifactLocation'], ['uri'], ['uri'], 'artifactLocation')
    uri = place['artifactLocation']['uri']
    need(re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2}|^file:)*", uri),
         'uri ' + uri)
    need(urllib.parse.urlsplit(uri).scheme in ('', 'file'), 'scheme')
    if 'region' in place:
        members(place['region'], ['byteOffset', 'byteLength'],
                ['byteOffset', 'byteLength'], 'region')
        for n in place['region'].values():
            need(type(n) is int and n >= 0, 'region')


def result(r):
    members(r, ['ruleId', 'ruleIndex', 'kind', 'level', 'message', 'locations',
                'properties'],
            ['ruleId', 'ruleIndex', 'kind', 'level', 'message', 'locations',
             'properties', 'fingerprints'], 'result')
    need(r['kind'] in ('pass', 'fail', 'open', 'notApplicable'), 'kind')
    need(r['level'] in (('error', 'warning') if r['kind'] == 'fail'
                        else ('none',)), 'level does not fit the kind')
    members(r['message'], ['text'], ['text'], 'message')
    need(isinstance(r['message']['text'], str) and r['message']['text'],
         'message')
    for loc in r['locations']:
        location(loc)
    for f in r.get('fingerprints', {}).values():
        need(isinstance(f, str) and f, 'fingerprint')


# As code scanning of GitHub wants them; the ids, in order.
def rules(all_rules):
    texts = ['shortDescription', 'fullDescription', 'help']
    for r in all_rules:
        members(r, ['id'] + texts, ['id'] + texts, 'rule')
        need(re.fullmatch(r'[A-Za-z0-9.-]+', r['id']), 'rule id')
        for t in texts:
            members(r[t], ['text'], ['text'], t)
            need(isinstance(r[t]['text'], str) and r[t]['text'], t)
    ids = [r['id'] for r in all_rules]
    need(ids and len(set(ids)) == len(ids), 'a rule twice')
    return ids


def sarif(text):
    need(all(c == '\n' or ' ' <= c <= '~' for c in text), 'not ASCII')
    log = json.loads(text, object_pairs_hook=unique)
    members(log, ['version', 'runs'], ['$schema', 'version', 'runs'], 'log')
    need(log['version'] == '2.1.0' and len(log['runs']) == 1, 'version, runs')
    run = log['runs'][0]
    members(run, ['tool', 'results'], ['tool', 'results'], 'run')
    members(run['tool'], ['driver'], ['driver'], 'tool')
    members(run['tool']['driver'], ['name', 'version', 'rules'],
            ['name', 'version', 'rules'], 'driver')
    ids = rules(run['tool']['driver']['rules'])
    for r in run['results']:
        result(r)
        need(type(r['ruleIndex']) is int and
             ids[r['ruleIndex']] == r['ruleId'], 'rule ' + r['ruleId'])
    print(len(run['results']), 'results',
          sum(r['level'] == 'error' for r in run['results']), 'errors')


class Page(html.parser.HTMLParser):
    allowed = set('html head meta title style body main h1 p article h2 dl '
                  'dt dd code figure svg g path rect text figcaption table '
                  'caption thead tbody tfoot tr th td span pre '
                  'section'.split())
    attrs_allowed = set('lang charset name content http-equiv class scope '
                        'role viewbox width height aria-label d x y rx '
                        'text-anchor'.split())

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.count = [], {}

    def handle_starttag(self, tag, attrs):
        need(tag in self.allowed, 'element ' + tag)
        for name, _ in attrs:
            need(name in self.attrs_allowed, 'attribute ' + name)
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag != 'meta':
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        need(self.open and self.open.pop() == tag, 'unbalanced ' + tag)

    def handle_comment(self, data):
        need(False, 'a comment')

    def handle_pi(self, data):
        need(False, 'a processing instruction')


def page(text):
    need(text.startswith('<!DOCTYPE html>\n<html lang='), 'head')
    need(all(c == '\n' or (c.isprintable()) for c in text), 'a control')
    need('url(' not in text and '@import' not in text, 'outside resource')
    p = Page()
    p.feed(text)
    p.close()
    need(not p.open, 'not closed')
    print(p.count.get('article', 0), 'articles', p.count.get('svg', 0),
          'pictures')


def main():
    with open(sys.argv[2], encoding='utf-8', errors='strict') as f:
        text = f.read()
    {'sarif': sarif, 'html': page}[sys.argv[1]](text)


main()
