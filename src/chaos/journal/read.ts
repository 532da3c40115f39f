import { FailoverctlError } from '../../core/errors.ts'
import { JOURNAL_VERSION, type JournalEnd, type JournalEntry, type JournalHeader, type RunRecord } from './record.ts'

type Line = JournalHeader | JournalEntry | JournalEnd

/**
 * The runs in a journal: one, or several where it was given more than once. A line that is cut off ends its run and is left out;
 * any other that cannot be read is none of a journal's. Throws `not-a-journal`.
 */
export function readJournal(file: string, text: string): RunRecord[] {
  const records: { file: string; header: JournalHeader; entries: JournalEntry[]; end: JournalEnd | undefined }[] = []
  const lines = text.split('\n')
  for (const [index, source] of lines.entries()) {
    if (source.trim() === '') continue
    const line = parse(source)
    const record = records.at(-1)
    if (line?.kind === 'header') {
      checkVersion(line, file, index + 1)
      if (!isWhole(line)) throw noJournal(file, index + 1)
      records.push({ file, header: line, entries: [], end: undefined })
    } else if (!record) throw noJournal(file, index + 1)
    else if (!line) {
      if (!isLastOfItsRun(lines, index)) throw noJournal(file, index + 1)
    } else if (line.kind === 'outcome' || line.kind === 'ended') record.end = line
    else record.entries.push(line)
  }
  if (records.length === 0) throw noJournal(file, 1)
  return records
}

function isLastOfItsRun(lines: readonly string[], index: number): boolean {
  const next = lines.slice(index + 1).find(line => line.trim() !== '')
  return next === undefined || parse(next)?.kind === 'header'
}

function parse(source: string): Line | undefined {
  try {
    const data: unknown = JSON.parse(source)
    return typeof data === 'object' && data !== null && 'kind' in data ? (data as Line) : undefined
  } catch {
    return undefined
  }
}

function checkVersion({ journal, failoverctl }: JournalHeader, file: string, line: number): void {
  if (journal === JOURNAL_VERSION) return
  throw new FailoverctlError(
    'not-a-journal',
    `${file}:${line}: a journal of version ${journal}, expected ${JOURNAL_VERSION}`,
    `failoverctl ${failoverctl} wrote it.`,
  )
}

/** What every report needs of it: a header that somebody has edited is none. */
const isWhole = ({ started, started_ms, run, target, config, by, experiment }: JournalHeader): boolean =>
  [started, run, target, config].every(text => typeof text === 'string') &&
  Number.isFinite(started_ms) &&
  typeof by === 'object' &&
  Array.isArray(experiment?.faults)

const noJournal = (file: string, line: number): FailoverctlError =>
  new FailoverctlError(
    'not-a-journal',
    `${file}:${line}: no line of a journal`,
    'chaos writes journals to .failoverctl/journals/, or where --journal says.',
  )
