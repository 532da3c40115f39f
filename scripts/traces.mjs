// Records fixtures/traces/ anew from real collectors, some five minutes for all: needs Go, and a machine with nothing else to do.
//   npm run traces
//   npm run traces -- stop,hang     only these
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildCollector } from '../test/collector/build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const only = process.argv[2]?.split(',')
const outfile = `${root}generated/record-trace.mjs`
await build({
  stdin: {
    contents: `export { recordTrace } from './test/integration/record-trace.ts'\nexport { TRACE_CASES } from './test/integration/trace-cases.ts'`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
})
const { recordTrace, TRACE_CASES } = await import(outfile)
const unknown = only?.filter(name => TRACE_CASES.every(made => made.name !== name)) ?? []
if (unknown.length > 0)
  throw new Error(`no case is called ${unknown.join(', ')}; there are ${TRACE_CASES.map(({ name }) => name).join(', ')}`)
const binary = await buildCollector()
for (const made of TRACE_CASES.filter(({ name }) => only?.includes(name) ?? true)) {
  const trace = await recordTrace(binary, made)
  await writeFile(`${root}fixtures/traces/${made.name}.json`, `${JSON.stringify(trace, null, 2)}\n`)
  console.log(
    `${made.name.padEnd(20)} ${made.what}: levels ${trace.observed.levels.map(([, level]) => level).join(' → ')}, ${trace.observed.lost} lost`,
  )
}
