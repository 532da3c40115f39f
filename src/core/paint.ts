/** Colours for a terminal, or none for a file: formats are handed one and never ask. */
export type Painter = Readonly<Record<keyof typeof CODES, (text: string) => string>>

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const

const painter = (paint: (text: string, on: number, off: number) => string): Painter =>
  Object.fromEntries(Object.entries(CODES).map(([name, [on, off]]) => [name, (text: string) => paint(text, on, off)])) as Painter

export const plainPainter: Painter = painter(text => text)

export const ansiPainter: Painter = painter((text, on, off) => `\u001b[${on}m${text}\u001b[${off}m`)

/** The one that a stream can show. */
export const painterFor = (coloured: boolean): Painter => (coloured ? ansiPainter : plainPainter)
