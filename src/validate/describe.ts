import { readGraph } from '../collector/read-graph.ts'
import { NEWEST, parseVersion } from '../collector/versions.ts'
import { readYaml } from '../source/read-yaml.ts'
import type { MapValue } from '../source/value.ts'
import type { Topic } from './remarks.ts'
import type { Kind, Severity } from './rule.ts'
import { RULES } from './rules/index.ts'

/** All that `explain` and the docs say about a rule, made once. */
export interface Description {
  readonly topic: Topic
  /** What its kind means. */
  readonly meaning: string
  readonly why: readonly string[]
  readonly bad: readonly BadExample[]
  readonly good: readonly string[]
  /** How one finding of it is switched off, or undefined where none can be. */
  readonly suppression: string | undefined
}

export interface BadExample {
  readonly lines: readonly ExampleLine[]
  /** What validate says about it; empty where a rule has no part in it. */
  readonly says: readonly Said[]
}

export interface Said {
  readonly severity: Severity
  readonly text: string
}

/** A line of a config, or the carets under one. */
export interface ExampleLine {
  readonly text: string
  readonly isMark: boolean
}

export const MEANINGS: Readonly<Record<Kind, string>> = {
  refused: 'a collector does not start',
  placebo: 'the collector starts, and does not fail over as meant',
  loss: 'data can be gone without a sign',
  advice: 'worth knowing',
}

export function describe(topic: Topic): Description {
  return {
    topic,
    meaning: MEANINGS[topic.kind],
    why: topic.why
      .trim()
      .split(/\n\s*\n/)
      .map(paragraph => paragraph.replace(/\s*\n\s*/g, ' ')),
    bad: topic.bad.map(example => ({ lines: withCarets(example), says: whatIsSaid(topic.id, example) })),
    good: topic.good.map(trimmed),
    suppression:
      topic.kind === 'refused' || topic.id.endsWith('-suppression')
        ? undefined
        : `# failoverctl-disable-next-line ${topic.id} -- why it is fine here`,
  }
}

const trimmed = (example: string): string => example.replace(/^\n+|\s+$/g, '')
const withoutMarks = (example: string): string => trimmed(example).replace(/[«»]/g, '')

function withCarets(example: string): ExampleLine[] {
  return trimmed(example)
    .split('\n')
    .flatMap(line => {
      const text = line.replace(/[«»]/g, '')
      if (text === line) return [{ text, isMark: false }]
      return [
        { text, isMark: false },
        { text: carets(line), isMark: true },
      ]
    })
}

// A caret under every marked character, and blanks under the others.
function carets(line: string): string {
  let inside = false
  const under = Array.from(line.matchAll(/[«»]|[^«»]/g), ([character]) => {
    if (character !== '«' && character !== '»') return inside ? '^' : ' '
    inside = character === '«'
    return ''
  })
  return under.join('').trimEnd()
}

// From the rule itself, so that no example says what the tool would not.
function whatIsSaid(id: string, example: string): Said[] {
  const rule = RULES.find(known => known.id === id)
  if (!rule) return []
  const text = withoutMarks(example)
  const release = /^# collector (\S+)$/m.exec(text)?.[1]
  const version = (release === undefined ? undefined : parseVersion(release)) ?? NEWEST
  const graph = readGraph(readYaml('config.yaml', text) as MapValue, version)
  const said = Array.from(rule.check(graph), ({ message, hint, severity = rule.severity }): Said => {
    return { severity, text: hint ? `${message}. ${hint}` : message }
  })
  return Array.from(new Map(said.map(one => [one.text, one])).values())
}
