import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/validate/check.ts'
import type { Kind } from '../../src/validate/rule.ts'
import { suppress } from '../../src/validate/suppress.ts'
import { readMarks } from '../marks.ts'

const finding = (rule: string, line: number, kind: Kind = 'placebo'): Finding => ({
  rule,
  severity: 'error',
  kind,
  at: { file: 'config.yaml', line, column: 1, length: 1 },
  message: `${rule} on ${line}`,
})
const FOUND = [finding('same-backend', 3), finding('queue-hides-errors', 3), finding('same-backend', 5)]

function run(text: string, findings: readonly Finding[] = FOUND, off: readonly string[] = []) {
  const { text: bare, marks } = readMarks(text)
  const result = suppress(findings, new Map([['config.yaml', bare]]), new Set(off))
  const own = result.findings.filter(({ rule }) => rule.endsWith('-suppression'))
  return {
    marks,
    own,
    kept: result.findings.filter(one => !own.includes(one)).map(({ rule, at }) => `${rule}:${at.line}`),
    suppressed: result.suppressed.map(
      ({ finding: { rule, at }, justification, line }) => `${rule}:${at.line} by ${line}, ${justification}`,
    ),
  }
}

describe('a suppression with a reason', () => {
  test.each([
    [
      'of the next line',
      'a:\n# failoverctl-disable-next-line same-backend -- a lab\nb:\n',
      ['same-backend:3 by 2, a lab'],
      ['queue-hides-errors:3', 'same-backend:5'],
    ],
    [
      'of its own line',
      'a:\n\nb: # failoverctl-disable-line same-backend -- a lab\n',
      ['same-backend:3 by 3, a lab'],
      ['queue-hides-errors:3', 'same-backend:5'],
    ],
    [
      'of the file',
      '\n\n\n\n\n# failoverctl-disable same-backend -- a lab\n',
      ['same-backend:3 by 6, a lab', 'same-backend:5 by 6, a lab'],
      ['queue-hides-errors:3'],
    ],
    [
      'of two rules',
      'a:\n# failoverctl-disable-next-line same-backend, queue-hides-errors -- a lab\nb:\n',
      ['same-backend:3 by 2, a lab', 'queue-hides-errors:3 by 2, a lab'],
      ['same-backend:5'],
    ],
    [
      'over other comments',
      '# failoverctl-disable-next-line same-backend -- one\n# failoverctl-disable-next-line queue-hides-errors -- two\nb:\n',
      ['same-backend:3 by 1, one', 'queue-hides-errors:3 by 2, two'],
      ['same-backend:5'],
    ],
    [
      'with dashes in its reason',
      'a:\n# failoverctl-disable-next-line same-backend -- see a--b -- and c\nb:\n',
      ['same-backend:3 by 2, see a--b -- and c'],
      ['queue-hides-errors:3', 'same-backend:5'],
    ],
    [
      'with Windows line ends',
      'a:\r\n# failoverctl-disable-next-line same-backend -- a lab\r\nb:\r\n',
      ['same-backend:3 by 2, a lab'],
      ['queue-hides-errors:3', 'same-backend:5'],
    ],
  ])('%s', (_, text, suppressed, kept) => {
    const result = run(text)
    expect(result.suppressed).toEqual(suppressed)
    expect(result.kept).toEqual(kept)
    expect(result.own).toEqual([])
  })

  test('inside quotes it is text', () => {
    expect(run('a:\nx: "# failoverctl-disable same-backend -- no"\n').suppressed).toEqual([])
  })

  test('in another file it does nothing there', () => {
    const texts = new Map([
      ['other.yaml', '# failoverctl-disable same-backend -- here'],
      ['config.yaml', 'a:\n'],
    ])
    const { suppressed, findings } = suppress(FOUND, texts, new Set())
    expect(suppressed).toEqual([])
    expect(findings.map(({ rule }) => rule)).toEqual(['unused-suppression', 'same-backend', 'queue-hides-errors', 'same-backend'])
  })
})

describe('a suppression that does not work is a finding, where it stands, and suppresses nothing', () => {
  test.each([
    ['no reason', 'a:\n# «failoverctl-disable-next-line same-backend»\nb:\n', 'bad-suppression', /gives no reason/],
    ['an empty reason', 'a:\n# «failoverctl-disable-next-line same-backend --»\nb:\n', 'bad-suppression', /gives no reason/],
    [
      'an unknown rule',
      'a:\n# failoverctl-disable-next-line «same-backed» -- x\nb:\n',
      'bad-suppression',
      /unknown rule `same-backed`; did you mean `same-backend`\?/,
    ],
    ['a name of every object', '# failoverctl-disable «constructor» -- x\n', 'bad-suppression', /unknown rule `constructor`$/],
    ['no rule', '# «failoverctl-disable-line -- x»\n', 'bad-suppression', /names no rule/],
    [
      'another word',
      '# «failoverctl-disable-next same-backend -- x»\n',
      'bad-suppression',
      /`failoverctl-disable-next` is not known/,
    ],
    [
      'nothing there',
      'a:\nb: # failoverctl-disable-line «same-backend» -- x\n',
      'unused-suppression',
      /no `same-backend` on line 2/,
    ],
    [
      'nothing in the file',
      '# failoverctl-disable «single-level» -- x\n',
      'unused-suppression',
      /no `single-level` in this file/,
    ],
  ])('%s', (_, text, rule, message) => {
    const { own, marks, suppressed, kept } = run(text)
    expect(own).toMatchObject([
      { rule, at: marks[0], message: expect.stringMatching(message), severity: rule === 'bad-suppression' ? 'warning' : 'info' },
    ])
    expect(suppressed).toEqual([])
    expect(kept).toHaveLength(3)
  })

  test('one bad name does not spoil the others', () => {
    const { own, suppressed } = run('a:\n# failoverctl-disable-next-line sam, same-backend -- x\nb:\n')
    expect(own.map(({ rule }) => rule)).toEqual(['bad-suppression'])
    expect(suppressed).toEqual(['same-backend:3 by 2, x'])
  })
})

test('what a collector refuses cannot be suppressed, and the comment is told so, once', () => {
  const refusals = [finding('schema', 3, 'refused'), finding('schema', 5, 'refused')]
  const { kept, own, suppressed, marks } = run('# failoverctl-disable «schema» -- please\n', refusals)
  expect(kept).toEqual(['schema:3', 'schema:5'])
  expect(suppressed).toEqual([])
  expect(own).toMatchObject([{ rule: 'bad-suppression', at: marks[0], message: expect.stringMatching(/cannot be suppressed/) }])
})

test('a rule that is off leaves no unused suppression', () => {
  expect(run('# failoverctl-disable single-level -- x\n', FOUND, ['single-level']).own).toEqual([])
})
