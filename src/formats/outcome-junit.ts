import type { Check, Outcome } from '../model/outcome.ts'
import { document, element } from './xml.ts'

/** One experiment as a test suite, each of its checks as a test, so that a CI system shows it like any other. */
export function outcomeJunit({ checks, target, config, collector_version, run, seed, notes, reason }: Outcome): string {
  const failures = checks.filter(isFailure).length
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const counts = { tests: checks.length, failures, errors: 0, skipped, time: sum(checks) }
  const facts = { target, config, 'collector version': collector_version, run, seed, reason }
  const properties = Object.entries(facts).map(([name, value]) => element('property', { name, value }))
  const inside = [
    element('properties', {}, properties),
    ...checks.map(check => testCase(check, config)),
    ...(notes.length > 0 ? [element('system-out', {}, notes.map(note => `note: ${note}`).join('\n'))] : []),
  ]
  const suite = element('testsuite', { name: `${config} on ${target}`, ...counts }, inside)
  return document(element('testsuites', { name: 'failoverctl chaos', ...counts }, [suite]))
}

const isFailure = ({ result }: Check): boolean => result === 'deviated' || result === 'unknown'
const sum = (checks: readonly Check[]): number =>
  Math.round(1000 * checks.reduce((all, { took_s }) => all + (took_s ?? 0), 0)) / 1000

function testCase(check: Check, config: string): string {
  const { name, result, expected, observed, took_s } = check
  const attributes = { name, classname: config, time: took_s ?? 0 }
  if (result === 'skipped') return element('testcase', attributes, [element('skipped', { message: observed })])
  const inside = isFailure(check)
    ? element('failure', { type: result, message: `expected ${expected}; observed ${observed}` }, told(check))
    : element('system-out', {}, told(check))
  return element('testcase', attributes, [inside])
}

const told = ({ expected, observed, evidence, at_s }: Check): string =>
  [
    `expected: ${expected}`,
    `observed: ${observed}`,
    `evidence: ${evidence || 'none'}`,
    ...(at_s === null ? [] : [`from: ${at_s.toFixed(2)} s after the start of traffic`]),
  ].join('\n')
