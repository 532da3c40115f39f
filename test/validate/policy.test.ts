import { describe, expect, test } from 'vitest'
import { type Baseline, baselineOf, compare, readBaseline } from '../../src/validate/baseline.ts'
import type { Finding } from '../../src/validate/check.ts'
import { fingerprint } from '../../src/validate/fingerprint.ts'
import { applyLevels, parseLevel } from '../../src/validate/severities.ts'
import { readMarks } from '../marks.ts'

const found = (marked: string, file = 'a.yaml', more: Partial<Finding> = {}) => {
  const { text, marks } = readMarks(marked, file)
  const findings = marks.map(
    (at): Finding => ({ rule: 'same-backend', severity: 'error', kind: 'placebo', at, message: 'x', ...more }),
  )
  return { findings, texts: new Map([[file, text]]) }
}
const baseline = (marked: string, file?: string): Baseline => {
  const { findings, texts } = found(marked, file)
  return baselineOf(findings, texts)
}

describe('severities', () => {
  test.each(['off', 'info', 'warning', 'error'])('a rule can be %s', level => {
    expect(parseLevel(`same-backend=${level}`)).toEqual(['same-backend', level])
  })
  test.each([
    ['same-backed=off', /unknown rule `same-backed`; did you mean `same-backend`\?/],
    ['constructor=off', /unknown rule `constructor`$/],
    ['same-backend=fatal', /cannot be `fatal`/],
    ['same-backend=', /cannot be ``/],
    ['same-backend', /not rule=severity/],
    ['schema=off', /always an error/],
  ])('%s is refused', (text, message) => {
    expect(() => parseLevel(text)).toThrow(
      expect.objectContaining({ code: 'wrong-use', message: expect.stringMatching(message) }),
    )
  })
  test('they change what they name, and never what a collector refuses', () => {
    const { findings } = found('«a»: «b»')
    const [first, second] = findings as [Finding, Finding]
    const refused = { ...second, kind: 'refused' } as const
    expect(applyLevels([first, refused], new Map([['same-backend', 'info']]))).toEqual([{ ...first, severity: 'info' }, refused])
    expect(applyLevels([first, refused], new Map([['same-backend', 'off']]))).toEqual([refused])
    expect(applyLevels([first], new Map([['single-level', 'off']]))).toEqual([first])
  })
})

describe('baseline', () => {
  const OLD = 'exporters:\n  «otlp/a»:\n    endpoint: x:1\n'
  test.each([
    ['the same text', OLD, 1, 0, 0],
    ['lines before', `# new\nreceivers:\n  otlp:\n${OLD}`, 1, 0, 0],
    ['another line', 'exporters:\n  «otlp/b»:\n', 0, 1, 1],
    ['one more that looks the same', `${OLD}other:\n  x:\nexporters:\n  «otlp/a»:\n`, 1, 1, 0],
    ['nothing any more', 'exporters:\n', 0, 0, 1],
  ])('%s', (_, now, hidden, fresh, gone) => {
    const { findings, texts } = found(now)
    const result = compare(findings, baseline(OLD), texts)
    expect([result.hidden.length, result.fresh.length, result.gone.length]).toEqual([hidden, fresh, gone])
  })

  test('another rule on the same word is new', () => {
    const { findings, texts } = found(OLD, 'a.yaml', { rule: 'single-level' })
    expect(compare(findings, baseline(OLD), texts).fresh).toHaveLength(1)
  })

  test('./a.yaml and a.yaml are one file, b.yaml is another, and what was not checked is not gone', () => {
    const same = found(OLD, './a.yaml')
    expect(compare(same.findings, baseline(OLD), same.texts).hidden).toHaveLength(1)
    const other = found(OLD, 'b.yaml')
    expect(compare(other.findings, baseline(OLD), other.texts)).toMatchObject({ hidden: [], gone: [] })
  })

  test('what is written is read again', () => {
    const written = baseline(OLD)
    expect(readBaseline('b.json', JSON.stringify(written))).toEqual(written)
    expect(written.findings).toEqual([
      { rule: 'same-backend', file: 'a.yaml', line: 2, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ])
  })

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"version":2,"findings":[]}',
    '{"version":1,"findings":[null]}',
    '{"version":1,"findings":[{"rule":1}]}',
  ])('%s is no baseline', text => {
    expect(() => readBaseline('b.json', text)).toThrow(expect.objectContaining({ code: 'bad-baseline' }))
  })
})

test('a fingerprint is made of rule, line, word and the keys above, and nothing else', () => {
  const at = { file: 'x', line: 3, column: 5, length: 3 }
  const text = 'a:\n  b:\n    key: 1\n'
  const one = fingerprint('r', at, text)
  expect(fingerprint('r', { ...at, file: 'y' }, text)).toBe(one)
  expect(fingerprint('r', at, `${text}more: 1\n`)).toBe(one)
  expect(fingerprint('s', at, text)).not.toBe(one)
  expect(fingerprint('r', { ...at, column: 10, length: 1 }, text)).not.toBe(one)
  expect(fingerprint('r', at, 'z:\n  b:\n    key: 1\n')).not.toBe(one)
  expect(fingerprint('r', at, undefined)).toMatch(/^[0-9a-f]{16}$/)
})
