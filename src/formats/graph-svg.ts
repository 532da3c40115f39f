import type { Arrow, Box, Drawing } from '../collector/drawing.ts'

const WIDTH = 210
const HEIGHT = 46
const GAP_X = 90
const GAP_Y = 22
const MARGIN = 20
const LETTERS = 30

interface Placed extends Box {
  readonly x: number
  readonly y: number
}

/** A picture by itself: no script, no font, no style sheet from outside. */
export function graphSvg(drawing: Drawing): string {
  const placed = place(drawing)
  const at = new Map(placed.map(box => [box.id, box]))
  const width = Math.max(0, ...placed.map(({ x }) => x)) + WIDTH + MARGIN
  const height = Math.max(0, ...placed.map(({ y }) => y)) + HEIGHT + MARGIN
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">`,
    '<title>Paths through the collector</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#64748b"/></marker></defs>',
    ...drawing.arrows.map(arrow => line(arrow, at)),
    ...placed.map(shape),
    '</svg>\n',
  ].join('\n')
}

// Each box one column behind the last that leads to it; a circle stops at as many columns as there are boxes.
function columnsOf({ boxes, arrows }: Drawing): Map<string, number> {
  const columns = new Map(boxes.map(({ id }) => [id, 0]))
  for (let round = 0; round < boxes.length; round++) {
    let moved = false
    for (const { from, to } of arrows) {
      const least = (columns.get(from) ?? 0) + 1
      if (least < boxes.length && (columns.get(to) ?? 0) < least) {
        columns.set(to, least)
        moved = true
      }
    }
    if (!moved) break
  }
  return columns
}

function place(drawing: Drawing): Placed[] {
  const columns = columnsOf(drawing)
  const used = [...new Set(columns.values())].sort((a, b) => a - b)
  const filled = new Map<number, number>()
  const tallest = Math.max(0, ...used.map(column => [...columns.values()].filter(one => one === column).length))
  return drawing.boxes.map(box => {
    const column = columns.get(box.id) ?? 0
    const row = filled.get(column) ?? 0
    filled.set(column, row + 1)
    const count = [...columns.values()].filter(one => one === column).length
    const top = ((tallest - count) * (HEIGHT + GAP_Y)) / 2
    return { ...box, x: MARGIN + used.indexOf(column) * (WIDTH + GAP_X), y: MARGIN + top + row * (HEIGHT + GAP_Y) }
  })
}

const COLOURS: Readonly<Record<Box['kind'], readonly [fill: string, line: string]>> = {
  receiver: ['#e0f2fe', '#0369a1'],
  pipeline: ['#f8fafc', '#64748b'],
  connector: ['#fef3c7', '#b45309'],
  exporter: ['#dcfce7', '#15803d'],
  missing: ['#fee2e2', '#b91c1c'],
}

function shape({ kind, name, detail: more, x, y }: Placed): string {
  const [fill, stroke] = COLOURS[kind]
  const middle = x + WIDTH / 2
  return [
    `<g><title>${xml(more ? `${name}: ${more}` : name)}</title>`,
    `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="${kind === 'pipeline' ? 20 : 4}" fill="${fill}" stroke="${stroke}"/>`,
    `<text x="${middle}" y="${y + (more ? 20 : 28)}" text-anchor="middle" fill="#0f172a">${xml(cut(name))}</text>`,
    more ? `<text x="${middle}" y="${y + 36}" text-anchor="middle" font-size="11" fill="#475569">${xml(cut(more))}</text>` : '',
    '</g>',
  ].join('')
}

function line({ from, to, label }: Arrow, at: ReadonlyMap<string, Placed>): string {
  const [start, end] = [at.get(from), at.get(to)]
  if (!start || !end) return ''
  const [x1, y1, x2, y2] = [start.x + WIDTH, start.y + HEIGHT / 2, end.x, end.y + HEIGHT / 2]
  const bend = Math.max(GAP_X / 2, Math.abs(x2 - x1) / 2)
  const path = `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="#64748b" marker-end="url(#head)"/>`
  if (label === '') return path
  const place = `x="${x2 - 8}" y="${y2 - 7}" text-anchor="end" font-size="11"`
  return `${path}<text ${place} fill="#b45309" stroke="#ffffff" stroke-width="3" paint-order="stroke">${xml(label)}</text>`
}

const cut = (text: string): string => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text)

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

// Control characters have no place in XML, whatever a key in the config holds.
const xml = (text: string): string =>
  text.replace(/[&<>"]/g, character => ENTITIES[character] ?? '').replace(/\p{Cc}|\p{Cs}/gu, '�')
