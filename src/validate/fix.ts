import { FailoverctlError } from '../core/errors.ts'
import { applyToData, type Change, type Data, dataAt, NotEditable, type Path, reach, type TextChange } from '../source/change.ts'
import { dataOf, editAllYaml } from '../source/edit-yaml.ts'
import { unwrap } from '../source/unwrap.ts'
import type { Checked, Finding } from './check.ts'
import type { Fix } from './rule.ts'

/** Texts by the names that findings give to files. */
type Texts = ReadonlyMap<string, string>

export interface Fixed {
  /** As it is with the fixes. */
  readonly checked: Checked
  /** What has changed, by file. */
  readonly texts: Texts
  readonly done: readonly Finding[]
  readonly left: readonly Left[]
}

/** A fix that was not made, and why. */
export interface Left {
  readonly finding: Finding
  readonly reason: string
}

/** Each fix may bring the next one to light; more rounds than this would be two fixes that undo each other. */
const MAX_FIXES = 1000

/** What has been done so far. */
interface Progress {
  checked: Checked
  readonly tried: Set<string>
  readonly done: Finding[]
  readonly left: Left[]
}

type Check = (texts: Texts) => Promise<Checked>
type Fixable = Finding & { readonly fix: Fix }

/**
 * Makes every fix that the findings carry, each on the texts that the ones before it left. A fix counts only when the config
 * is read again, its finding is gone, and no new error is there.
 */
export async function fixAll(start: Checked, check: Check): Promise<Fixed> {
  const progress: Progress = { checked: start, tried: new Set(), done: [], left: [] }
  while (progress.tried.size < MAX_FIXES) {
    const open = progress.checked.findings.filter(
      (finding): finding is Fixable => finding.fix !== undefined && !progress.tried.has(JSON.stringify(finding.fix)),
    )
    if (open.length === 0) break
    const group = independent(open)
    for (const { fix } of group) progress.tried.add(JSON.stringify(fix))
    if (!(await together(progress, group, check))) for (const finding of group) await alone(progress, finding, check)
  }
  const { checked, done, left } = progress
  return { checked, texts: changed(start.texts, checked.texts), done, left }
}

/** Those that touch no component or pipeline that an earlier one touches: what one of them names is still there after the others. */
function independent(findings: readonly Fixable[]): Fixable[] {
  const taken = new Set<string>()
  return findings.filter(({ fix }) => {
    const units = unitsOf(fix)
    const isFree = units.every(unit => !taken.has(unit))
    // One that has to wait keeps its place before later ones.
    for (const unit of units) taken.add(unit)
    return isFree
  })
}

function unitsOf({ changes, nth = 0 }: Fix): string[] {
  const unit = (path: Path) => JSON.stringify([nth, ...path.slice(0, path[1] === 'pipelines' ? 3 : 2)])
  return changes.flatMap(change => {
    if (change.kind === 'reference') return [change.from]
    return change.kind === 'copy' ? [unit(change.path), unit(change.from)] : [unit(change.path)]
  })
}

/** All of a group with one look at the result; false, and nothing done, when that does not tell that each of them is right. */
async function together(progress: Progress, group: readonly Fixable[], check: Check): Promise<boolean> {
  if (group.length === 1) return false
  const before = progress.checked
  const { texts, done, left } = editTogether(before, group) ?? editInTurn(before, group)
  const after = done.length > 0 ? await read(texts, check) : before
  const areGone = (rule: string) =>
    count(after as Checked, rule) <= count(before, rule) - done.filter(one => one.rule === rule).length
  if (typeof after === 'string' || newError(before, after) || !done.every(({ rule }) => areGone(rule))) return false
  progress.checked = after
  progress.done.push(...done)
  progress.left.push(...left)
  return true
}

interface Edited {
  readonly texts: Texts
  readonly done: readonly Fixable[]
  readonly left: readonly Left[]
}

// Each text is read once, however many changes there are; undefined when one of them does not go with the others so.
function editTogether(before: Checked, group: readonly Fixable[]): Edited | undefined {
  const texts = edit(before, { title: '', changes: group.flatMap(({ fix }) => fix.changes) }, true)
  return typeof texts === 'string' || group.some(({ fix }) => fix.nth) ? undefined : { texts, done: group, left: [] }
}

function editInTurn(before: Checked, group: readonly Fixable[]): Edited {
  const [done, left]: [Fixable[], Left[]] = [[], []]
  let { texts } = before
  for (const finding of group) {
    const edited = edit({ files: before.files, texts }, finding.fix)
    if (typeof edited === 'string') left.push({ finding, reason: edited })
    else {
      texts = edited
      done.push(finding)
    }
  }
  return { texts, done, left }
}

async function alone(progress: Progress, finding: Fixable, check: Check): Promise<void> {
  const outcome = await attempt(progress.checked, finding, check)
  if (typeof outcome === 'string') progress.left.push({ finding, reason: outcome })
  else {
    progress.done.push(finding)
    progress.checked = outcome
  }
}

async function attempt(before: Checked, finding: Fixable, check: Check): Promise<Checked | string> {
  const edited = edit(before, finding.fix)
  const after = typeof edited === 'string' ? edited : await read(edited, check)
  if (typeof after === 'string') return after
  if (stays(before, after, finding)) return 'the finding would stay'
  const worse = newError(before, after)
  return worse ? `it would lead to ${worse}` : after
}

/** The new texts, or why there are none. */
function edit(from: Pick<Checked, 'files' | 'texts'>, fix: Fix, atOnce = false): Texts | string {
  try {
    return atOnce ? applyAtOnce(from, fix) : applyFix(from, fix)
  } catch (error) {
    if (error instanceof NotEditable) return error.message
    throw error
  }
}

async function read(texts: Texts, check: Check): Promise<Checked | string> {
  try {
    return await check(texts)
  } catch (error) {
    if (error instanceof FailoverctlError && error.code !== 'bug') return 'the config could not be read any more'
    throw error
  }
}

// What is left of a text with two wrong references is a finding of the same rule about the other one.
function stays(before: Checked, after: Checked, { rule, fix, message }: Finding): boolean {
  if (fix?.changes.some(({ kind }) => kind === 'reference')) return after.findings.some(other => other.message === message)
  return count(after, rule) >= count(before, rule)
}

const count = ({ findings }: Checked, rule: string) => findings.filter(finding => finding.rule === rule).length

// By rule, as names and lines in messages change with the fix.
function newError(before: Checked, after: Checked): string | undefined {
  const errors = ({ findings }: Checked, rule: string) =>
    findings.filter(finding => finding.rule === rule && finding.severity === 'error').length
  return after.findings.find(({ rule }) => errors(after, rule) > errors(before, rule))?.rule
}

const changed = (before: Texts, after: Texts): Texts => new Map([...after].filter(([file, text]) => before.get(file) !== text))

/** The texts with all changes of one fix. Throws NotEditable when one of them cannot be made. */
export function applyFix({ files, texts }: Pick<Checked, 'files' | 'texts'>, { changes, nth = 0 }: Fix): Texts {
  return changes.reduce((edited, change) => applyChange(files, edited, change, nth), texts)
}

const applyChange = (files: readonly string[], texts: Texts, change: Change, nth: number): Texts =>
  applyAtOnce({ files, texts }, { title: '', changes: [change], nth })

// Which file each change belongs to is told by the data as the changes before it leave it.
function applyAtOnce({ files, texts }: Pick<Checked, 'files' | 'texts'>, { changes, nth = 0 }: Fix): Texts {
  const windows = new Map(files.map(file => [file, windowOf(file, texts.get(file) ?? '', nth)]))
  const before = new Map(Array.from(windows, ([file, { inside }]) => [file, dataOf(file, inside)]))
  const data = new Map(before)
  const planned = new Map<string, TextChange[]>()
  for (const change of changes) {
    const toText = change.kind === 'copy' ? ({ kind: 'set', path: change.path, to: written(data, change.from) } as const) : change
    for (const file of targets(data, toText)) {
      if (file.startsWith('<yaml') || file.startsWith('env:')) throw new NotEditable(`\`${file}\` is no file`)
      planned.set(file, [...(planned.get(file) ?? []), toText])
      data.set(file, applyToData(data.get(file) ?? null, toText))
    }
  }
  const edited = new Map(texts)
  for (const [file, own] of planned) {
    const { before: head, inside, after: tail } = windows.get(file) as Window
    edited.set(file, head + editAllYaml(file, inside, own, before.get(file) ?? null) + tail)
  }
  return edited
}

interface Window {
  readonly before: string
  readonly inside: string
  readonly after: string
}

/** The part of a file that is a config by itself: nearly always all of it. */
function windowOf(file: string, text: string, nth: number): Window {
  const wraps = unwrap(file, text)
  if (wraps.length === 0) return { before: '', inside: text, after: '' }
  const window = wraps[nth]?.window
  if (!window) throw new NotEditable('the config is part of a text in quotes')
  return { before: text.slice(0, window.start), inside: text.slice(window.start, window.end), after: text.slice(window.end) }
}

function written(data: ReadonlyMap<string, Data>, path: Path): Data {
  const found = [...data.values()].map(one => dataAt(one, path)).findLast(value => value !== undefined)
  if (found === undefined) throw new NotEditable('it is not written in any of the files')
  return found
}

/** Where a change is made: what is in several files that are merged counts where it is said last, and goes from all of them. */
function targets(data: ReadonlyMap<string, Data>, change: TextChange): string[] {
  const files = [...data.keys()]
  if (change.kind === 'reference')
    return files.filter(file => JSON.stringify(data.get(file)).includes(JSON.stringify(change.from).slice(1, -1)))
  const { path } = change
  const reached = files.map(file => reach(data.get(file) ?? null, path))
  const isInList = path.some(step => typeof step === 'number')
  const whole = files.filter((_, index) => reached[index] === path.length)
  if (change.kind !== 'set' && whole.length === 0) throw new NotEditable('it is not written in any of the files')
  if (change.kind !== 'set' && !isInList) return whole
  const best = files[reached.lastIndexOf(Math.max(...reached))]
  return best === undefined ? [] : [best]
}
