import { maskSecrets } from '../core/mask.ts'
import type { At } from '../source/value.ts'

/**
 * What stays the same when lines are added, removed or indented, and when what follows the marked word changes: the rule,
 * the word, what stands before it on its line, and the keys that this line stands under. Secrets are starred out first, so
 * that nobody can guess them from the result.
 */
export function fingerprint(rule: string, at: At, text: string | undefined): string {
  const lines = (at.file.startsWith('env:') ? '' : (text ?? '')).split(/\r\n|\r|\n/)
  const line = maskSecrets(lines[at.line - 1] ?? '')
  const [before, word] = [line.slice(0, at.column - 1), line.slice(at.column - 1, at.column - 1 + at.length)]
  return hash([rule, before.trim(), word, ...keysAbove(lines, at.line - 1)].join('\n'))
}

// A list item of a parent may stand at the indentation of its key.
function keysAbove(lines: readonly string[], index: number): string[] {
  const keys: string[] = []
  let indent = indentOf(lines[index] ?? '')
  for (let above = index - 1; above >= 0 && indent > 0; above--) {
    const line = lines[above] as string
    if (/^\s*(#|$)/.test(line) || indentOf(line) >= indent) continue
    indent = indentOf(line)
    keys.push(/^[^:]*:?/.exec(line.trim())?.[0] ?? '')
  }
  return keys
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** FNV-1a with 64 bits, as hexadecimal: short, and the same on every machine. It protects nothing. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}
