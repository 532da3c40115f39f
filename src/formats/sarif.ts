import type { Fix, Location, Log, PropertyBag, ReportingDescriptor, Result } from 'sarif'
import { maskSecrets } from '../core/mask.ts'
import { VERSION } from '../core/version.ts'
import type { At } from '../source/value.ts'
import type { Finding } from '../validate/check.ts'
import { fingerprint } from '../validate/fingerprint.ts'
import type { Topic } from '../validate/remarks.ts'
import { TOPICS } from '../validate/topics.ts'
import { json } from './json.ts'
import { replacements } from './replacements.ts'
import { type Report, relativePath, word } from './report.ts'

const SCHEMA = 'https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/Schemata/sarif-schema-2.1.0.json'

/** SARIF 2.1.0, for GitHub code scanning and every other reader of it. */
export function sarif(report: Report): string {
  const all = [...report.findings, ...report.suppressed.map(({ finding }) => finding)]
  const ids = [...new Set([...TOPICS.keys(), ...all.map(({ rule }) => rule)])]
  const indices = new Map(ids.map((id, index) => [id, index]))
  const result = (finding: Finding) => resultOf(finding, indices, report)
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'failoverctl',
            ...(/^\d+\.\d+\.\d+/.test(VERSION) ? { semanticVersion: VERSION, version: VERSION } : {}),
            rules: ids.map(id => descriptor(id, TOPICS.get(id))),
          },
        },
        artifacts: report.files.map(file => ({ location: artifact(file, report), mimeType: 'application/yaml' })),
        results: [
          ...report.findings.map(result),
          ...report.suppressed.map(({ finding, justification }) => ({
            ...result(finding),
            suppressions: [{ kind: 'inSource' as const, status: 'accepted' as const, justification }],
          })),
        ],
        // Columns are those of the editor that most people have, and of JavaScript.
        columnKind: 'utf16CodeUnits',
      },
    ],
  }
  return json(log)
}

function descriptor(id: string, topic: Topic | undefined): ReportingDescriptor {
  if (!topic) return { id }
  const properties: PropertyBag = { tags: ['opentelemetry', 'failover', topic.kind], kind: topic.kind }
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: topic.title },
    fullDescription: { text: oneLine(topic.why) },
    help: { text: oneLine(topic.why), markdown: `**${topic.title}**\n\n${topic.why.trim()}\n` },
    defaultConfiguration: { level: levelOf(topic) },
    properties,
  }
}

function resultOf(finding: Finding, indices: ReadonlyMap<string, number>, report: Report): Result {
  const { rule, at, message, hint } = finding
  const fixes = fixesOf(finding, report)
  return {
    ruleId: rule,
    ruleIndex: indices.get(rule) as number,
    level: levelOf(finding),
    message: { text: hint ? `${message}. ${hint}` : message },
    locations: [locationOf(at, report)],
    partialFingerprints: { 'failoverctl/v1': fingerprint(rule, at, report.texts.get(at.file)) },
    ...(fixes.length > 0 ? { fixes } : {}),
  }
}

function fixesOf(finding: Finding, report: Report): Fix[] {
  const fixed = report.fixed?.(finding)
  if (!finding.fix || !fixed) return []
  const artifactChanges = Array.from(fixed, ([file, text]) => ({
    artifactLocation: artifact(file, report),
    replacements: replacements(report.texts.get(file) ?? '', text).map(({ from, until, newText }) => ({
      deletedRegion: { startLine: from, startColumn: 1, endLine: until, endColumn: 1 },
      insertedContent: { text: newText },
    })),
  }))
  const inserted = artifactChanges.flatMap(change => change.replacements.map(({ insertedContent }) => insertedContent.text))
  // Whole lines are replaced, and one of them may hold a password beside what is wrong.
  if (inserted.some(text => text.split('\n').some(line => maskSecrets(line) !== line))) return []
  return [{ description: { text: finding.fix.title }, artifactChanges }]
}

const levelOf = ({ severity }: Pick<Finding, 'severity'>) => word(severity, 'note') as 'error' | 'warning' | 'note'

const locationOf = (at: At, report: Report): Location => ({
  physicalLocation: {
    artifactLocation: artifact(at.file, report),
    region: { startLine: at.line, startColumn: at.column, endLine: at.line, endColumn: at.column + at.length },
  },
})

function artifact(file: string, { files, folder }: Report): { uri: string; uriBaseId?: string; index?: number } {
  const path = relativePath(file, folder)
  const index = files.indexOf(file)
  const uri = path.split('/').map(encodeURIComponent).join('/')
  const isAbsolute = /^(?:[A-Za-z]:)?\//.test(path)
  return {
    uri: isAbsolute ? `file://${path.startsWith('/') ? '' : '/'}${uri}` : uri,
    ...(isAbsolute ? {} : { uriBaseId: '%SRCROOT%' }),
    ...(index < 0 ? {} : { index }),
  }
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ')
