// Writes docs/rules/ from the rules themselves: a page for each, and the list of all. Pages of rules that are gone go, too.
// And docs/simulated-beside-measured.md, from what the model computes.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}docs/rules/`

const { pages, beside } = await readPages()
await mkdir(folder, { recursive: true })
const old = (await readdir(folder)).filter(name => !pages.has(name))
await Promise.all(old.map(name => rm(folder + name)))
await Promise.all(Array.from(pages, ([name, text]) => writeFile(folder + name, text)))
await writeFile(`${root}docs/simulated-beside-measured.md`, beside)
console.log(`docs/rules: ${pages.size} pages written${old.length > 0 ? `, ${old.length} removed` : ''}`)

// A file, and not code in memory: a stack trace then has a name and a line.
async function readPages() {
  const outfile = `${root}generated/rule-pages.mjs`
  await build({
    stdin: {
      contents: `export { rulePages } from './src/formats/rule-pages.ts'\nexport { TOPICS } from './src/validate/topics.ts'\nexport { simulatedBesideMeasured } from './scripts/simulated-beside-measured.ts'`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // The YAML package asks for Node's own modules with require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  const { rulePages, TOPICS, simulatedBesideMeasured } = await import(outfile)
  return { pages: rulePages(TOPICS.values()), beside: simulatedBesideMeasured() }
}
