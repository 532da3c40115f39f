// Builds dist/: one bundle a door, the parts of each subcommand in chunks of their own that load when it runs.
import { spawnSync } from 'node:child_process'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { compileSchemas } from './compile-schemas.mjs'
import { compileWat } from './compile-wat.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

const { version } = JSON.parse(await readFile('package.json', 'utf8'))

await compileSchemas()
await compileWat()
// Made beside the old one and put in its place at the end: what runs meanwhile, and a build that fails, still have a whole dist.
const draft = `dist.${process.pid}`
const { metafile } = await build({
  entryPoints: { cli: 'src/cli/main.ts', index: 'src/index.ts', 'threads/transcode': 'src/threads/transcode.ts' },
  outdir: draft,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { FAILOVERCTL_VERSION: JSON.stringify(version) },
  // Packages that were written for CommonJS ask for Node's own modules with require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
await writeFile(`${draft}/THIRD-PARTY-LICENSES.txt`, await licenses(Object.keys(metafile.inputs)))
await rename('dist', `${draft}.old`).catch(() => {})
await rename(draft, 'dist')
await rm(`${draft}.old`, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1

/** The licence texts of the packages whose code is in the bundle. */
async function licenses(inputs) {
  const packages = [
    ...new Set(inputs.flatMap(input => /^(?:.*node_modules\/)((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [])),
  ].sort()
  const texts = await Promise.all(packages.map(async name => `${name}\n\n${await licenseText(name)}`))
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

async function licenseText(name) {
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'license.md', 'LICENSE-MIT.txt']) {
    const text = await readFile(`node_modules/${name}/${file}`, 'utf8').catch(() => undefined)
    if (text) return text
  }
  throw new Error(`${name} is bundled but has no licence file that could be found`)
}
