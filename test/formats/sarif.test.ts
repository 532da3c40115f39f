import { readFileSync } from 'node:fs'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import type { Log, Replacement } from 'sarif'
import { describe, expect, test } from 'vitest'
import { plainPainter } from '../../src/core/paint.ts'
import { replacements } from '../../src/formats/replacements.ts'
import type { Report } from '../../src/formats/report.ts'
import { sarif } from '../../src/formats/sarif.ts'
import type { Finding } from '../../src/validate/check.ts'
import { TOPICS } from '../../src/validate/topics.ts'
import { readMarks } from '../marks.ts'

const schemaFile = new URL('../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json', import.meta.url)
const ajv = new AjvDraft04.default({ strict: false, allErrors: true, unicodeRegExp: false })
addFormats.default(ajv)
const isSarif = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')))

function reportOf(marked: string, more: Partial<Report> = {}, file = 'a b/main.yaml'): Report {
  const { text, marks } = readMarks(marked, file)
  const findings = marks.map(
    (at): Finding => ({
      rule: 'queue-hides-errors',
      severity: 'error',
      kind: 'placebo',
      at,
      message: 'it is wrong',
      hint: 'Write c.',
    }),
  )
  return {
    findings,
    suppressed: [],
    baseline: undefined,
    files: [file],
    texts: new Map([[file, text]]),
    folder: '/work',
    paint: plainPainter,
    ...more,
  }
}

function logOf(report: Report): Log {
  const log = JSON.parse(sarif(report))
  expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true)
  return log
}
const run = (report: Report) => logOf(report).runs[0] as Log['runs'][0]
const results = (report: Report) => run(report).results ?? []
const fingerprints = (marked: string) => results(reportOf(marked)).map(one => one.partialFingerprints?.['failoverctl/v1'])

test('a log is valid by the schema of SARIF 2.1.0, and the schema can say no', () => {
  const log = logOf(reportOf('a:\n  «b»: 1\n'))
  expect(isSarif({ ...log, version: '2.0.0' })).toBe(false)
  expect(isSarif({ ...log, runs: [{ ...log.runs[0], results: [{ ruleId: 'x' }] }] })).toBe(false)
  const rules = log.runs[0]?.tool.driver.rules ?? []
  expect(isSarif({ ...log, runs: [{ tool: { driver: { name: 'x', rules: [{ ...rules[0], helpUri: 'no address' }] } } }] })).toBe(
    false,
  )
})

test('a result names its rule, place and message', () => {
  const [result] = results(reportOf('a:\n  «b»: 1\n'))
  const rules = run(reportOf('')).tool.driver.rules ?? []
  expect(result).toMatchObject({ ruleId: 'queue-hides-errors', level: 'error', message: { text: 'it is wrong. Write c.' } })
  expect(rules[result?.ruleIndex as number]?.id).toBe('queue-hides-errors')
  expect(result?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'a%20b/main.yaml', uriBaseId: '%SRCROOT%', index: 0 },
    region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 4 },
  })
})

test('every rule has title, reason, help and level', () => {
  const rules = run(reportOf('')).tool.driver.rules ?? []
  expect(rules.length).toBe(TOPICS.size)
  for (const rule of rules) {
    expect(rule.help?.text).toBe(rule.fullDescription?.text)
    expect(rule.help?.markdown).toContain(rule.shortDescription?.text)
    expect(rule.fullDescription?.text.length).toBeGreaterThan(20)
    expect(['error', 'warning', 'note']).toContain(rule.defaultConfiguration?.level)
  }
})

test('a finding of a rule that is in no list still has its entry', () => {
  const report = reportOf('«a»: 1')
  const findings = report.findings.map(finding => ({ ...finding, rule: 'constructor' }))
  const [result] = results({ ...report, findings })
  expect(run({ ...report, findings }).tool.driver.rules?.[result?.ruleIndex as number]).toEqual({ id: 'constructor' })
})

test.each([
  ['/work/config.yaml', 'config.yaml'],
  ['./config.yaml', 'config.yaml'],
  ['../config.yaml', '../config.yaml'],
  ['/elsewhere/config.yaml', 'file:///elsewhere/config.yaml'],
  ['C:\\configs\\config.yaml', 'file:///C%3A/configs/config.yaml'],
  ['<stdin>', '%3Cstdin%3E'],
  ['a#b?.yaml', 'a%23b%3F.yaml'],
])('the file %s has the address %s', (file, uri) => {
  const { artifacts, results } = run(reportOf('«a»: 1', {}, file))
  expect(artifacts?.[0]?.location?.uri).toBe(uri)
  expect(results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe(uri)
})

test('a suppressed finding is there, with its reason', () => {
  const report = reportOf('«a»: 1')
  const [finding] = report.findings as [Finding]
  const found = results({ ...report, findings: [], suppressed: [{ finding, justification: 'only a lab', line: 1 }] })
  expect(found).toHaveLength(1)
  expect(found[0]?.suppressions).toEqual([{ kind: 'inSource', status: 'accepted', justification: 'only a lab' }])
})

test('the fingerprint survives moved, indented and continued lines, and is another one for another line, key or word', () => {
  const [first] = fingerprints('exporters:\n  otlp/a:\n    «sending_queue»: {}\n')
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(
    fingerprints('# new\nreceivers:\n  otlp: {}\nexporters:\n  # new\n  otlp/0: {}\n  otlp/a:\n    «sending_queue»: {}\n'),
  ).toEqual([first])
  expect(fingerprints('exporters:\n    otlp/a:\n        «sending_queue»: {}\n')).toEqual([first])
  expect(fingerprints('exporters:\n  otlp/a:\n    «sending_queue»: { queue_size: 1 } # new\n')).toEqual([first])
  for (const other of [
    'exporters:\n  otlp/b:\n    «sending_queue»: {}\n',
    'exporters:\n  otlp/a:\n    «sending_queues»: {}\n',
    'exporters:\n  otlp/a:\n    sending_queue: «{}»\n',
  ])
    expect(fingerprints(other)).not.toEqual([first])
})

test('a fingerprint knows no secret', () => {
  expect(fingerprints('headers: { x-token: abcdef, «b»: 1 }')).toEqual(fingerprints('headers: { x-token: uvwxyz, «b»: 1 }'))
  expect(fingerprints('x-token: «abcdef»')).toEqual(fingerprints('x-token: «uvwxyz»'))
})

describe('fixes', () => {
  const CONFIG = 'exporters:\n  otlp/a:\n    endpoint: a:1 # keep\nextensions: {}\nservice: {}\n'
  const FIXED =
    'exporters:\n  otlp/a:\n    endpoint: a:1 # keep\n    sending_queue:\n      enabled: false\nextensions: {}\nservice:\n  telemetry: {}\n'

  const withFix = (fixed: Report['fixed']) => {
    const report = reportOf(CONFIG.replace('otlp/a', '«otlp/a»'), fixed ? { fixed } : {})
    return { ...report, findings: report.findings.map(finding => ({ ...finding, fix: { title: 'turn it off', changes: [] } })) }
  }

  /** The text as a reader of SARIF makes it: regions from the last to the first. */
  function apply(text: string, list: readonly Replacement[]): string {
    const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
    const offset = (line = 1, column = 1) => (starts[line - 1] ?? text.length) + column - 1
    return [...list].reverse().reduce((edited, { deletedRegion: region, insertedContent }) => {
      const [start, end] = [offset(region.startLine, region.startColumn), offset(region.endLine, region.endColumn)]
      return edited.slice(0, start) + insertedContent?.text + edited.slice(end)
    }, text)
  }

  test('a fix is there with its title, and its replacements make the fixed text', () => {
    const [result] = results(withFix(() => new Map([['a b/main.yaml', FIXED]])))
    expect(result?.fixes).toHaveLength(1)
    const [fix] = result?.fixes ?? []
    expect(fix?.description?.text).toBe('turn it off')
    expect(fix?.artifactChanges[0]?.artifactLocation.uri).toBe('a%20b/main.yaml')
    expect(fix?.artifactChanges[0]?.replacements).toHaveLength(2)
    expect(apply(CONFIG, fix?.artifactChanges[0]?.replacements ?? [])).toBe(FIXED)
  })

  test.each([
    ['', 'a\n'],
    ['a\n', ''],
    ['a', 'b'],
    ['a\nb\nc\n', 'b\n'],
    ['a\r\nb\r\n', 'a\r\nx\r\nb\r\n'],
    ['a\nb', 'a\nb\n'],
    ['a\nb\nc\nd\n', 'x\nb\ny\nz\nd\ne\n'],
  ])('replacements make %j into %j', (before, after) => {
    const regions = replacements(before, after).map(({ from, until, newText }) => ({
      deletedRegion: { startLine: from, startColumn: 1, endLine: until, endColumn: 1 },
      insertedContent: { text: newText },
    }))
    expect(apply(before, regions)).toBe(after)
  })

  test('a fix that would show a secret is left out', () => {
    const secret = CONFIG.replace('service: {}', 'service: { token: abc }')
    expect(results(withFix(() => new Map([['a b/main.yaml', secret]])))[0]).not.toHaveProperty('fixes')
  })

  test('a fix that cannot be made is left out', () => {
    expect(results(withFix(() => undefined))[0]).not.toHaveProperty('fixes')
    expect(results(withFix(undefined))[0]).not.toHaveProperty('fixes')
  })
})
