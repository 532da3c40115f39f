import type { At } from '../src/source/value.ts'

/** A text without its «marks», and where they stood. A mark stays on one line. */
export function readMarks(marked: string, file = 'config.yaml'): { text: string; marks: At[] } {
  const marks: At[] = []
  const lines = marked.split('\n').map((line, index) => {
    let bare = line
    for (let start = bare.indexOf('«'); start >= 0; start = bare.indexOf('«')) {
      const end = bare.indexOf('»', start)
      marks.push({ file, line: index + 1, column: start + 1, length: end - start - 1 })
      bare = bare.slice(0, start) + bare.slice(start + 1, end) + bare.slice(end + 1)
    }
    return bare
  })
  return { text: lines.join('\n'), marks }
}
