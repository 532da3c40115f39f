import type { Arrow, Box, Drawing } from '../collector/drawing.ts'
import type { Painter } from '../core/paint.ts'

/** The paths as a tree for each receiver. A failover connector's levels stand in columns. */
export function graphText(drawing: Drawing, paint: Painter): string {
  const tree = treeOf(drawing)
  const targets = new Set(drawing.arrows.map(({ to }) => to))
  const roots = drawing.boxes.filter(({ id }) => !targets.has(id))
  // Where everything is in a circle, each box is as good a start as any.
  const starts = roots.length > 0 ? roots : drawing.boxes.slice(0, 1)
  return starts
    .map(root => `${[paintBox(root, paint), ...branches(root, tree, paint, new Set([root.id]))].join('\n')}\n`)
    .join('\n')
}

interface Tree {
  readonly boxes: ReadonlyMap<string, Box>
  readonly arrows: ReadonlyMap<string, readonly Arrow[]>
}

function treeOf({ boxes, arrows }: Drawing): Tree {
  const from = new Map<string, Arrow[]>()
  for (const arrow of arrows) from.set(arrow.from, [...(from.get(arrow.from) ?? []), arrow])
  return { boxes: new Map(boxes.map(box => [box.id, box])), arrows: from }
}

function branches(box: Box, tree: Tree, paint: Painter, above: ReadonlySet<string>): string[] {
  const arrows = tree.arrows.get(box.id) ?? []
  const width = Math.max(0, ...arrows.map(({ to }) => ownWidth(tree.boxes.get(to))))
  return arrows.flatMap(({ to, label }, index) => {
    const next = tree.boxes.get(to)
    if (!next) return []
    const isLast = index === arrows.length - 1
    const [mark, indent] = isLast ? ['└─ ', '   '] : ['├─ ', '│  ']
    const { line, end } = follow(next, tree, paint, label === '' ? 0 : width)
    const level = label === '' ? '' : `${paint.bold(label)}  `
    const again = above.has(to) || above.has(end.id)
    const below = again ? [] : branches(end, tree, paint, new Set([...above, to, end.id]))
    return [`${mark}${level}${line}${again ? paint.red('  (a circle)') : ''}`, ...below.map(text => indent + text)]
  })
}

// A pipeline with one way out stands on one line with it.
function follow(box: Box, tree: Tree, paint: Painter, width: number): { line: string; end: Box } {
  const [arrow, ...others] = tree.arrows.get(box.id) ?? []
  const next = arrow && others.length === 0 && arrow.label === '' ? tree.boxes.get(arrow.to) : undefined
  const own = paintBox(box, paint)
  if (!next || box.kind !== 'pipeline') return { line: own, end: box }
  return { line: `${own}${' '.repeat(Math.max(0, width - ownWidth(box)))} → ${paintBox(next, paint)}`, end: next }
}

const ownWidth = (box: Box | undefined): number =>
  box?.kind === 'pipeline' ? box.name.length + (box.detail ? box.detail.length + 3 : 0) : 0

function paintBox({ kind, name, detail }: Box, paint: Painter): string {
  const more = detail === '' ? '' : paint.dim(kind === 'pipeline' ? ` [${detail}]` : `  ${detail}`)
  if (kind === 'missing') return paint.red(`${name} (${detail})`)
  const colour = { receiver: paint.cyan, pipeline: (text: string) => text, connector: paint.yellow, exporter: paint.green }[kind]
  return colour(name) + more
}
