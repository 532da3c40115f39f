import { describe, expect, test } from 'vitest'
import { maskSecrets } from '../../src/core/mask.ts'
import { ansiPainter, plainPainter } from '../../src/core/paint.ts'
import { findingsJson } from '../../src/formats/findings-json.ts'
import { findingsText } from '../../src/formats/findings-text.ts'
import type { Finding } from '../../src/validate/check.ts'
import { readMarks } from '../marks.ts'

function found(marked: string, more: Partial<Finding> = {}) {
  const { text, marks } = readMarks(marked, 'main.yaml')
  const findings = marks.map(
    (at): Finding => ({ rule: 'some-rule', severity: 'error', kind: 'refused', at, message: 'it is wrong', ...more }),
  )
  return { findings, texts: new Map([['main.yaml', text]]) }
}

const textOf = (marked: string, more?: Partial<Finding>) => {
  const { findings, texts } = found(marked, more)
  return findingsText({ findings, texts, paint: plainPainter })
}

describe('text', () => {
  test('shows the line, underlines the word, and says what to write', () => {
    expect(textOf('a:\n  «b»: 1\n', { hint: 'Write c.' })).toBe(`error[some-rule]: it is wrong
 --> main.yaml:2:3
  |
2 |   b: 1
  |   ^
  = Write c.

1 error in 1 file
`)
  })

  test('numbers of two digits keep the frame straight, and a tab counts as one column', () => {
    expect(textOf(`${'\n'.repeat(9)}a:\t«bcd»\n`)).toContain('   |\n10 | a: bcd\n   |    ^^^\n')
  })

  test('a long line is cut around the word', () => {
    const lines = textOf(`${'x'.repeat(500)}«bad»${'y'.repeat(500)}`).split('\n')
    expect(lines[3]).toHaveLength(4 + 110)
    expect(lines[3]?.indexOf('bad')).toBe(lines[4]?.indexOf('^^^'))
  })

  test('on a narrow screen nothing is broken inside a word, and the carets stay under theirs', () => {
    const { findings, texts } = found(`a: { ${'x: 1, '.repeat(20)}«wrong»: 1 }`, {
      message: 'it is wrong in a way that takes more than one line to say',
      hint: 'Write something else, which takes more than one line to say, too.',
    })
    const lines = findingsText({ findings, texts, paint: plainPainter, columns: 50 }).split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(50)
    expect(lines.slice(0, 2)).toEqual(['error[some-rule]: it is wrong in a way that', '  takes more than one line to say'])
    expect(lines[4]?.indexOf('wrong')).toBe(lines[5]?.indexOf('^^^^^'))
    expect(lines.slice(6, 8)).toEqual(['  = Write something else, which takes more than', '    one line to say, too.'])
  })

  test('what an environment variable holds is not shown', () => {
    const { text, marks } = readMarks('a: «b»', 'env:CONFIG')
    const [at] = marks as [Finding['at']]
    const finding: Finding = { rule: 'r', severity: 'error', kind: 'refused', at, message: 'm' }
    expect(findingsText({ findings: [finding], texts: new Map([['env:CONFIG', text]]), paint: plainPainter })).not.toContain(
      'a: b',
    )
  })

  test('a file whose text is not at hand has no frame', () => {
    const { findings } = found('«a»: 1')
    expect(findingsText({ findings, texts: new Map(), paint: plainPainter })).toBe(
      'error[some-rule]: it is wrong\n --> main.yaml:1:1\n\n1 error in 0 files\n',
    )
  })

  test('the summary counts each severity, and says so when there is nothing', () => {
    const { findings, texts } = found('«a»: «b»\n«c»: «d»')
    const severities = ['error', 'error', 'warning', 'info'] as const
    const mixed = findings.map((finding, index): Finding => ({ ...finding, severity: severities[index] ?? 'info' }))
    expect(findingsText({ findings: mixed, texts, paint: plainPainter })).toMatch(/\n2 errors, 1 warning, 1 remark in 1 file\n$/)
    expect(findingsText({ findings: [], texts, paint: plainPainter })).toBe('no findings in 1 file\n')
  })

  test('colours are added and nothing else', () => {
    const { findings, texts } = found('a: «b»', { severity: 'warning', hint: 'c' })
    const painted = findingsText({ findings, texts, paint: ansiPainter })
    expect(painted).toContain('\u001b[33m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(findingsText({ findings, texts, paint: plainPainter }))
  })
})

test.each([
  ['    authorization: Bearer abc', '    authorization: **********'],
  ['exporters: {otlp: {headers: {x-api-key: "a b", x: 1}}}', 'exporters: {otlp: {headers: {x-api-key: *****, x: 1}}}'],
  ['  x-token: "${TOKEN}"', '  x-token: "${TOKEN}"'],
  ['  token: ${env:TOKEN}', '  token: ${env:TOKEN}'],
  ['  endpoint: https://me:pass@host:1', '  endpoint: https://me:****@host:1'],
  ['  key_file: /etc/key.pem', '  key_file: /etc/key.pem'],
  ['  token:', '  token:'],
])('%j is shown as %j', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown)
})

test('json has the places, the sums and null for no hint', () => {
  const { findings, texts } = found('a:\n  «b»: 1')
  const report = {
    findings,
    texts,
    suppressed: [],
    baseline: undefined,
    files: ['main.yaml'],
    folder: undefined,
    paint: plainPainter,
  }
  expect(JSON.parse(findingsJson(report))).toEqual({
    files: ['main.yaml'],
    summary: { error: 1, warning: 0, info: 0 },
    findings: [
      {
        rule: 'some-rule',
        severity: 'error',
        kind: 'refused',
        file: 'main.yaml',
        line: 2,
        column: 3,
        length: 1,
        message: 'it is wrong',
        hint: null,
        fix: null,
      },
    ],
    suppressed: [],
    baseline: null,
  })
})
