import { stripVTControlCharacters } from 'node:util'
import type { MultiBar, Options, Params, SingleBar } from 'cli-progress'
import type { Bar } from '../core/host.ts'

/** Labels longer than this are cut in the middle: names of backups differ at both ends. */
const LONGEST_LABEL = 40
const SHORTEST_LABEL = 16
const [SHORTEST_BAR, LONGEST_BAR] = [10, 40]
const DEFAULT_COLUMNS = 80

interface Row {
  readonly label: string
  readonly text: string
  /** 0 for a line without a bar. */
  readonly width: number
}

/** Bars at the end of what a terminal shows; other text goes above them. */
export function barsOn(stream: NodeJS.WriteStream) {
  let wanted: readonly Bar[] = []
  let make: (() => MultiBar) | undefined
  let multi: MultiBar | undefined
  let rows: SingleBar[] = []

  const stop = () => {
    // What was to go above them would be lost with them.
    multi?.update()
    multi?.stop()
    multi = undefined
    rows = []
  }
  const draw = () => {
    if (wanted.length === 0 || !make) return
    // A bar that joins others on the screen would leave a line behind: they start anew.
    if (wanted.length > rows.length) stop()
    const started = multi ?? make()
    multi = started
    while (rows.length < wanted.length) rows.push(started.create(1, 0, { ...EMPTY }))
    const laid = layOut(wanted, (stream.columns ?? DEFAULT_COLUMNS) - 1)
    for (const [index, row] of rows.entries()) row.update(wanted[index]?.share ?? 0, laid[index] ?? EMPTY)
    started.update()
  }

  return {
    show(bars: readonly Bar[]): void {
      const isFirst = wanted.length === 0
      wanted = bars
      if (bars.length === 0) stop()
      else if (make) draw()
      else if (isFirst) {
        void makerOn(stream).then(maker => {
          make = maker
          draw()
        })
      }
    },
    /** False when there are no bars, so that nobody has written the text yet. */
    above(text: string): boolean {
      if (!multi) return false
      // Not by its own log, which cuts what is wider than the screen.
      stop()
      stream.write(text)
      draw()
      return true
    },
  }
}

const EMPTY: Row = { label: '', text: '', width: 0 }

// Loaded when a bar is shown: most commands never do.
async function makerOn(stream: NodeJS.WriteStream): Promise<() => MultiBar> {
  const { default: bars } = await import('cli-progress')
  return () =>
    new bars.MultiBar(
      {
        stream,
        format,
        barsize: LONGEST_BAR,
        hideCursor: true,
        clearOnComplete: true,
        forceRedraw: true,
        gracefulExit: false,
        fps: 4,
      },
      bars.Presets.shades_classic,
    )
}

function format(
  { barCompleteChar = '', barIncompleteChar = '' }: Options,
  { progress }: Params,
  { label, text, width }: Row,
): string {
  const done = Math.floor(progress * width)
  return `${label}${barCompleteChar.repeat(done)}${barIncompleteChar.repeat(width - done)}${width > 0 ? '  ' : ''}${text}`
}

/** Each bar as wide as the widest text beside one leaves room for, and the labels below each other. Nothing is wider than `columns`. */
export function layOut(bars: readonly Bar[], columns: number): Row[] {
  const barred = bars.filter(({ share }) => share !== undefined)
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(text => stripVTControlCharacters(text).length))
  const text = longest(barred.map(bar => bar.text))
  const room = columns - text - SHORTEST_BAR - 4
  const label = Math.min(longest(bars.map(bar => bar.label)), Math.max(SHORTEST_LABEL, Math.min(LONGEST_LABEL, room)))
  const width = Math.max(0, Math.min(LONGEST_BAR, columns - label - text - 4))
  return bars.map(bar => {
    if (bar.share === undefined && bar.label === '') return { label: '', text: cut(bar.text, columns), width: 0 }
    const own = bar.share === undefined ? 0 : width
    const shown = `${shorten(bar.label, label).padEnd(label)}  `
    return { label: shown, text: cut(bar.text, columns - shown.length - own - (own > 0 ? 2 : 0)), width: own }
  })
}

function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const end = Math.ceil((length - 1) * 0.6)
  return `${text.slice(0, length - 1 - end)}…${text.slice(text.length - end)}`
}

/** Colours end where the text is cut. */
function cut(text: string, length: number): string {
  const plain = stripVTControlCharacters(text)
  return plain.length <= length ? text : `${plain.slice(0, Math.max(0, length - 1))}…`
}
