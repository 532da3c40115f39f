import type { Files, Host } from '../core/host.ts'
import { fixDiff } from '../formats/fix-diff.ts'
import { fixText } from '../formats/fix-text.ts'
import type { Checked, Finding } from '../validate/check.ts'
import { type Fixed, fixAll } from '../validate/fix.ts'
import { writeText } from './write-text.ts'

/** One config to fix. */
export interface Fixing {
  readonly start: Checked
  /** Checks the same locations, with files read from here. */
  check(files: Pick<Files, 'read'>): Promise<Checked>
  /** The findings that count: what a comment or a severity switches off stays as it is. */
  select(checked: Checked): readonly Finding[]
}

/** How standard input is called in findings. */
const STDIN = '<stdin>'

/** Fixes a config where it stands; standard input goes to standard output. Comes back with the config as it is then. */
export async function fixInPlace(fixing: Fixing, host: Host): Promise<Checked> {
  const { start, check } = fixing
  const fixed = await fix(fixing, host)
  const after = await check(withTexts(fixed.checked.texts, host.files))
  for (const [file, text] of fixed.texts) if (file !== STDIN) await writeText(file, start.texts.get(file) ?? '', text, host.files)
  const stdin = after.texts.get(STDIN)
  if (stdin !== undefined) host.terminal.out(stdin)
  host.terminal.err(fixText(fixed, true))
  return after
}

/** Prints what `fixInPlace` would change. */
export async function showFixes(fixing: Fixing, host: Host): Promise<void> {
  const fixed = await fix(fixing, host)
  host.terminal.out(fixDiff(fixing.start.texts, fixed.texts))
  host.terminal.err(fixText(fixed, false))
}

function fix({ start, check, select }: Fixing, { files }: Host): Promise<Fixed> {
  const selected = (checked: Checked): Checked => ({ ...checked, findings: select(checked) })
  return fixAll(selected(start), async texts => selected(await check(withTexts(texts, files))))
}

const withTexts = (texts: ReadonlyMap<string, string>, files: Files): Pick<Files, 'read'> => ({
  read: async path => {
    const text = texts.get(path === '-' ? STDIN : path)
    return text === undefined ? files.read(path) : new TextEncoder().encode(text)
  },
})
