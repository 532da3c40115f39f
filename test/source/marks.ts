import type { At } from '../../src/source/value.ts'

/** Takes the «marks» out of a text and says where they stood. A mark around nothing counts as one character. */
export function readMarks(marked: string, file = 'config.yaml'): { text: string; marks: At[] } {
  const marks: At[] = []
  const lines = marked.split('\n').map((written, index) => {
    let line = written
    for (let start = line.indexOf('«'); start >= 0; start = line.indexOf('«')) {
      const end = line.indexOf('»')
      marks.push({ file, line: index + 1, column: start + 1, length: Math.max(1, end - start - 1) })
      line = line.slice(0, start) + line.slice(start + 1, end) + line.slice(end + 1)
    }
    return line
  })
  return { text: lines.join('\n'), marks }
}
