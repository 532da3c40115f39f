// Compiles every schema in schemas/ to a plain function ahead of time, so that no run pays for ajv: generated/schemas.js.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const SUFFIX = '.schema.json'

export async function compileSchemas() {
  const files = (await readdir(`${root}schemas`)).filter(file => file.endsWith(SUFFIX)).sort()
  const schemas = await Promise.all(files.map(async file => JSON.parse(await readFile(`${root}schemas/${file}`, 'utf8'))))
  const names = Object.fromEntries(files.map((file, index) => [camelCase(file.slice(0, -SUFFIX.length)), schemas[index].$id]))
  const ajv = new Ajv({
    schemas,
    code: { source: true, esm: true },
    // What messages are made of: the schema around an error, and all errors at once.
    verbose: true,
    allErrors: true,
    allowUnionTypes: true,
    // A function for each definition instead of a copy at each use: a quarter of the size.
    inlineRefs: false,
  })
  ajv.addVocabulary(['x-expected', 'x-text'])
  const code = `${standalone.default(ajv, names)}\nexport default { ${Object.keys(names).join(', ')} }\n`
  await mkdir(`${root}generated`, { recursive: true })
  await writeFile(`${root}generated/schemas.js`, await bundle(code))
  return names
}

// ajv's code asks for its helpers with require; in here they become part of it.
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'node20',
  })
  return outputFiles[0].text
}

const camelCase = name => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`compiled ${Object.keys(await compileSchemas()).join(', ')}`)
