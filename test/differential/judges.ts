import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realFiles } from '../../src/adapters/files.ts'
import { parseVersion, type Version } from '../../src/collector/versions.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { Choices } from './choices.ts'
import { mutate } from './mutate.ts'
import { skeleton } from './skeleton.ts'
import { write } from './write.ts'

/** The release of the collector in test/collector. */
export const VERSION = parseVersion('0.161.0') as Version

/** What the collector and `validate` both find in their environment. */
export const ENV: Readonly<Record<string, string>> = {
  TEXT: 'abc',
  NUMBER: '5',
  DURATION: '5s',
  FLAG: 'true',
  LIST: '[a, b]',
  MAP: '{a: 1}',
  NAME: 'TEXT',
  BLANK: '',
}

export interface Verdict {
  readonly refused: boolean
  /** Why, as it was said. */
  readonly reasons: readonly string[]
  /** Ids of the rules that refuse; empty for the collector. */
  readonly rules: readonly string[]
  /** Whether it depends on the machine: an environment variable that is not set, or a number without bounds, is in it. */
  readonly unsure: boolean
}

/** A folder for the files of one run. `/` of the config's own paths leads into it, so that nothing outside decides. */
export async function makeFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'failoverctl-differential-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** The same tape always gives the same config. */
export function configOf(tape: readonly number[], folder: string): string[] {
  const choices = new Choices(tape)
  const config = skeleton(choices, folder)
  mutate(config, choices)
  return write(config, choices)
}

export async function writeConfigs(texts: readonly string[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const files = texts.map((_, index) => join(folder, `${index}.yaml`))
  for (const [index, file] of files.entries()) await writeFile(file, texts[index] as string)
  return files
}

export function judgeByCollector(binary: string, files: readonly string[]): Promise<Verdict> {
  const args = ['validate', ...files.map(file => `--config=${file}`)]
  return new Promise((resolve, reject) => {
    execFile(binary, args, { env: ENV, timeout: 20_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0
      if (typeof code !== 'number') return reject(error)
      const said = `${stdout}${stderr}`.split('\n').filter(line => line.trim() !== '' && !/\twarn\t|\tinfo\t/.test(line))
      resolve({ refused: code !== 0, reasons: said.slice(0, 12), rules: [], unsure: false })
    })
  })
}

/** The stand-in for the failover connector takes a list, as from 0.163 on. */
const STOOD_IN = /^`condition\.error\.contains` of .* came with/

const BOUNDLESS = 'becomes another number on each kind of machine'

export async function judgeByValidate(files: readonly string[], version = VERSION): Promise<Verdict> {
  try {
    const { findings } = await checkConfig(files, version, { files: realFiles, env: ENV })
    const refusals = findings.filter(
      ({ kind, severity, message }) => kind === 'refused' && severity === 'error' && !STOOD_IN.test(message),
    )
    const unsure = findings.some(({ rule, message }) => rule === 'unset-variable' || message.endsWith(BOUNDLESS))
    const reasons = refusals.map(({ rule, at, message }) => `${at.line}:${at.column} ${rule}: ${message}`)
    return { refused: refusals.length > 0, reasons, rules: refusals.map(({ rule }) => rule), unsure }
  } catch (error) {
    if (!(error instanceof FailoverctlError) || error.code === 'bug') throw error
    return { refused: true, reasons: [`${error.code}: ${error.message}`], rules: [error.code], unsure: false }
  }
}
