import type { Finding } from '../validate/check.ts'
import { byFile, type Report, relativePath, sayBoth } from './report.ts'
import { document, element } from './xml.ts'

/** A test suite for each file and a failed test for each finding; remarks pass, and a file without findings is one passed test. */
export function junit(report: Report): string {
  const suites = Array.from(byFile(report), ([file, findings]) => suite(relativePath(file, report.folder), findings))
  const all = [...byFile(report).values()]
  const totals = { tests: sum(all, tests), failures: sum(all, failures), errors: 0 }
  return document(element('testsuites', { name: 'failoverctl validate', ...totals }, suites))
}

const tests = (findings: readonly Finding[]): number => Math.max(1, findings.length)
const failures = (findings: readonly Finding[]): number => findings.filter(isFailure).length
const isFailure = ({ severity }: Finding): boolean => severity !== 'info'
const sum = (files: readonly (readonly Finding[])[], count: (findings: readonly Finding[]) => number): number =>
  files.reduce((total, findings) => total + count(findings), 0)

function suite(file: string, findings: readonly Finding[]): string {
  const cases = findings.map(finding => testCase(file, finding))
  const clean = element('testcase', { name: 'no findings', classname: file, time: 0 })
  const counts = { tests: tests(findings), failures: failures(findings), errors: 0, skipped: 0, time: 0 }
  return element('testsuite', { name: file, ...counts }, cases.length > 0 ? cases : [clean])
}

function testCase(file: string, finding: Finding): string {
  const { rule, severity, at, message } = finding
  const place = `${file}:${at.line}:${at.column}`
  const attributes = { name: `${rule} at ${at.line}:${at.column}`, classname: file, file, line: at.line, time: 0 }
  const text = `${place}: ${severity}[${rule}]: ${sayBoth(finding)}`
  const result = isFailure(finding) ? element('failure', { type: severity, message }, text) : element('system-out', {}, text)
  return element('testcase', attributes, [result])
}
