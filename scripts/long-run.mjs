// A test file with more inputs than `npm test` has time for.
//   npm run differential -- --count 20000 --seed 7
//   npm run fuzz -- --seed 7
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const [file, prefix, ...rest] = process.argv.slice(2)
const { values } = parseArgs({ args: rest, options: { count: { type: 'string' }, seed: { type: 'string' } } })
for (const [name, value] of Object.entries(values)) {
  if (!/^\d+$/.test(value)) throw new Error(`--${name} wants a whole number, got ${value}`)
  process.env[`${prefix}_${name.toUpperCase()}`] = value
}
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], { stdio: 'inherit' })
process.exitCode = status ?? 1
