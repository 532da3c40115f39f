import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import projectSchema from '../../schemas/project.schema.json' with { type: 'json' }
import { plainPainter } from '../../src/core/paint.ts'
import { checkstyle } from '../../src/formats/checkstyle.ts'
import { github } from '../../src/formats/github.ts'
import { FORMAT_NAMES } from '../../src/formats/index.ts'
import { junit } from '../../src/formats/junit.ts'
import type { Report } from '../../src/formats/report.ts'
import type { Finding } from '../../src/validate/check.ts'

const finding = (file: string, line: number, more: Partial<Finding> = {}): Finding => ({
  rule: 'some-rule',
  severity: 'error',
  kind: 'placebo',
  at: { file, line, column: 3, length: 4 },
  message: 'it is wrong',
  ...more,
})

const report = (findings: readonly Finding[], files: readonly string[] = ['a.yaml', 'b.yaml']): Report => ({
  findings,
  suppressed: [],
  baseline: undefined,
  files,
  texts: new Map(),
  folder: '/work',
  paint: plainPainter,
})

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** The document as a strict XML parser reads it; throws for what is not well-formed. */
function parse(xml: string): Element {
  const top: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [top]
  const parser = new SaxesParser()
  parser.on('error', error => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes } as Record<string, string>, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', text => {
    ;(open.at(-1) as Element).text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  return top.children[0] as Element
}

/** Every character that XML, HTML or a workflow command could trip over. */
const NASTY = `<a href="x">&amp; 'q' ]]> % , : ::error::\r\n\t\u0000\u001b[31m\ud800 ü 😀 --> \ufffe`
const NASTY_IN_XML = `<a href="x">&amp; 'q' ]]> % , : ::error::\r\n\t\ufffd\ufffd[31m\ufffd ü 😀 --> \ufffd`

test('the project file knows every format', () => {
  expect(projectSchema.properties.validate.properties.format.enum).toEqual(FORMAT_NAMES)
})

describe('github', () => {
  test('one command a finding, and nothing else', () => {
    const lines = github(report([finding('a.yaml', 2), finding('/work/b.yaml', 3, { severity: 'info', hint: 'Write c.' })]))
    expect(lines).toBe(
      '::error file=a.yaml,line=2,endLine=2,col=3,endColumn=7,title=failoverctl%3A some-rule::it is wrong\n' +
        '::notice file=b.yaml,line=3,endLine=3,col=3,endColumn=7,title=failoverctl%3A some-rule::it is wrong. Write c.\n',
    )
    expect(github(report([]))).toBe('')
  })

  test('nothing in a message or a path ends the command, and the runner gets it back whole', () => {
    const path = 'a,b:c%2C\n.yaml'
    const [, properties = '', data = ''] = /^::warning (.*?)::(.*)\n$/.exec(
      github(report([finding(path, 1, { severity: 'warning', message: NASTY })])),
    ) as RegExpExecArray
    // As the runner of GitHub Actions undoes it: %25 last.
    const undo = (text: string) =>
      text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')
    const undoData = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
    expect(undoData(data)).toBe(NASTY)
    expect(properties.split(',').map(one => one.split('=')[0])).toEqual(['file', 'line', 'endLine', 'col', 'endColumn', 'title'])
    expect(undo(properties.split(',')[0]?.slice('file='.length) ?? '')).toBe(path)
  })
})

describe('junit', () => {
  test('a suite for each file, a test for each finding, and sums that are true', () => {
    const root = parse(junit(report([finding('a.yaml', 2), finding('a.yaml', 3, { severity: 'info' })])))
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '3', failures: '1' } })
    const [a, b] = root.children
    expect(a).toMatchObject({ name: 'testsuite', attributes: { name: 'a.yaml', tests: '2', failures: '1' } })
    expect(a?.children.map(({ children }) => children[0]?.name)).toEqual(['failure', 'system-out'])
    expect(a?.children[0]).toMatchObject({
      attributes: { name: 'some-rule at 2:3', classname: 'a.yaml', line: '2' },
      children: [{ attributes: { type: 'error', message: 'it is wrong' }, text: 'a.yaml:2:3: error[some-rule]: it is wrong' }],
    })
    expect(b).toMatchObject({
      attributes: { tests: '1', failures: '0' },
      children: [{ attributes: { name: 'no findings' }, children: [] }],
    })
  })

  test('whatever is in a message arrives, but for what XML has no way to say', () => {
    const root = parse(junit(report([finding(NASTY, 1, { message: NASTY })], [])))
    expect(root.children[0]?.attributes.name).toBe(NASTY_IN_XML)
    expect(root.children[0]?.children[0]?.children[0]?.attributes.message).toBe(NASTY_IN_XML)
    expect(root.children[0]?.children[0]?.children[0]?.text).toContain(NASTY_IN_XML)
  })
})

describe('checkstyle', () => {
  test('a file each, with its findings', () => {
    const root = parse(
      checkstyle(report([finding('/work/b.yaml', 2, { severity: 'warning', hint: 'Write c.' })], ['a.yaml', '/work/b.yaml'])),
    )
    expect(root).toMatchObject({ name: 'checkstyle', attributes: { version: '4.3' } })
    expect(root.children.map(({ attributes, children }) => [attributes.name, children.length])).toEqual([
      ['a.yaml', 0],
      ['b.yaml', 1],
    ])
    expect(root.children[1]?.children[0]?.attributes).toEqual({
      line: '2',
      column: '3',
      severity: 'warning',
      message: 'it is wrong. Write c.',
      source: 'failoverctl.some-rule',
    })
  })

  test('whatever is in a message arrives', () => {
    const root = parse(checkstyle(report([finding('a.yaml', 1, { message: NASTY })])))
    expect(root.children[0]?.children[0]?.attributes.message).toBe(NASTY_IN_XML)
  })
})
