import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

let building: Promise<URL> | undefined

/** What a thread runs, from the sources of now: not every Node that is supported runs TypeScript by itself. */
export function threadProgram(): Promise<URL> {
  building ??= bundle()
  return building
}

async function bundle(): Promise<URL> {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-threads-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'transcode.mjs')
  const entry = fileURLToPath(new URL('../src/threads/transcode.ts', import.meta.url))
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' })
  return pathToFileURL(outfile)
}
