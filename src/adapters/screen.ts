import type { Screen, ScreenEvent } from '../core/screen.ts'

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'

/** The terminal as a screen of its own; undefined where in- or output is none, or where it cannot move its cursor. */
export function openScreen(hear: (event: ScreenEvent) => void): Screen | undefined {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY || process.env.TERM === 'dumb') return undefined
  let shown: readonly string[] = []
  let isOpen = false
  const enter = () => {
    stdin.setRawMode(true)
    stdin.resume()
    stdout.write(ENTER)
    shown = []
    isOpen = true
  }
  const leave = () => {
    if (!isOpen) return
    isOpen = false
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write(LEAVE)
  }
  const resumed = () => {
    enter()
    hear({ kind: 'resize' })
  }
  const resized = () => {
    stdout.write('\u001b[2J')
    shown = []
    hear({ kind: 'resize' })
  }
  // Raw keys raise no signals: they are raised here.
  const typed = (data: Buffer) => {
    for (const key of data.toString('utf8')) {
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
      else if (key === CTRL_Z && process.platform !== 'win32') {
        leave()
        process.once('SIGCONT', resumed)
        process.kill(process.pid, 'SIGTSTP')
      } else hear({ kind: 'key', key })
    }
  }
  enter()
  stdin.on('data', typed)
  stdout.on('resize', resized)
  // Whatever ends the process: nobody wants a shell without a cursor.
  process.on('exit', leave)
  return {
    get columns() {
      return stdout.columns || 80
    },
    get rows() {
      return stdout.rows || 24
    },
    show(lines) {
      // A terminal that is slower than the looks gets the next picture, not all of them.
      if (!isOpen || stdout.writableNeedDrain) return
      const changed = lines.flatMap((line, row) => (line === shown[row] ? [] : [`\u001b[${row + 1};1H${line}\u001b[K`]))
      const below = lines.length < shown.length ? `\u001b[${lines.length + 1};1H\u001b[J` : ''
      if (changed.length > 0 || below !== '') stdout.write(changed.join('') + below)
      shown = [...lines]
    },
    close() {
      leave()
      stdin.off('data', typed)
      stdout.off('resize', resized)
      process.off('exit', leave)
      process.off('SIGCONT', resumed)
    },
  }
}
