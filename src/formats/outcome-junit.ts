import { type HowFar, howFar } from '../chaos/journal/how-far.ts'
import type { RunRecord } from '../chaos/journal/record.ts'
import type { Check, Outcome } from '../model/outcome.ts'
import { document, element } from './xml.ts'

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly time: number
}

interface Suite {
  readonly counts: Counts
  readonly xml: string
}

/** One experiment as a test suite, each of its checks as a test, so that a CI system shows it like any other. */
export const outcomeJunit = (outcome: Outcome): string => suites([outcomeSuite(outcome)])

/** A suite for each run; one without an outcome is an error. */
export const runsJunit = (records: readonly RunRecord[]): string =>
  suites(
    records.map(record =>
      record.end?.kind === 'outcome' ? outcomeSuite(record.end.outcome, record.header.started) : unfinishedSuite(record),
    ),
  )

function suites(all: readonly Suite[]): string {
  const total = (what: keyof Counts) => rounded(all.reduce((sum, { counts }) => sum + counts[what], 0))
  const counts = {
    tests: total('tests'),
    failures: total('failures'),
    errors: total('errors'),
    skipped: total('skipped'),
    time: total('time'),
  }
  const inside = all.map(({ xml }) => xml)
  return document(element('testsuites', { name: 'failoverctl chaos', ...counts }, inside))
}

function outcomeSuite(outcome: Outcome, started?: string): Suite {
  const { checks, target, config, collector_version, run, seed, notes, reason } = outcome
  const failures = checks.filter(isFailure).length
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const time = rounded(checks.reduce((all, { took_s }) => all + (took_s ?? 0), 0))
  const counts = { tests: checks.length, failures, errors: 0, skipped, time }
  const facts = { target, config, 'collector version': collector_version, run, seed, reason }
  const inside = [
    element('properties', {}, Object.entries(facts).map(property)),
    ...checks.map(check => testCase(check, config)),
    ...(notes.length > 0 ? [element('system-out', {}, notes.map(note => `note: ${note}`).join('\n'))] : []),
  ]
  return { counts, xml: suite(`${config} on ${target}`, started, counts, inside) }
}

function unfinishedSuite(record: RunRecord): Suite {
  const { header } = record
  const { why, at_s, last, left } = howFar(record) as HowFar
  const counts = { tests: 1, failures: 0, errors: 1, skipped: 0, time: 0 }
  const message = why ?? 'the journal is cut off: the run was killed, or still goes on'
  const told = [`it came to: ${at_s.toFixed(2)} s, ${last}`, ...(left.length > 0 ? [`not taken back: ${left.join(', ')}`] : [])]
  const attributes = { name: 'the run has an outcome', classname: header.config, time: 0 }
  const inside = [element('testcase', attributes, [element('error', { type: 'unfinished', message }, told.join('\n'))])]
  return { counts, xml: suite(`${header.config} on ${header.target}`, header.started, counts, inside) }
}

const suite = (name: string, started: string | undefined, counts: Counts, inside: readonly string[]): string =>
  element('testsuite', { name, ...counts, ...(started && { timestamp: started.replace('Z', '') }) }, inside)

const property = ([name, value]: [string, string | number]): string => element('property', { name, value })

const isFailure = ({ result }: Check): boolean => result === 'deviated' || result === 'unknown'
const rounded = (seconds: number): number => Math.round(1000 * seconds) / 1000

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
