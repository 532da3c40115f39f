// Compiles src/replay/scan/lines.wat, a few hundred bytes of WebAssembly, into a module that holds them: generated/scan-lines.js.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const root = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = 'src/replay/scan/lines.wat'

export async function compileWat() {
  const module = (await wabt()).parseWat(SOURCE, await readFile(`${root}${SOURCE}`, 'utf8'), { simd: true })
  try {
    module.validate()
    const code = Buffer.from(module.toBinary({}).buffer).toString('base64')
    await mkdir(`${root}generated`, { recursive: true })
    await writeFile(`${root}generated/scan-lines.js`, `export default new Uint8Array(Buffer.from('${code}', 'base64'))\n`)
  } finally {
    module.destroy()
  }
}
