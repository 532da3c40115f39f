import { isMap } from 'yaml'
import { NotEditable } from './change.ts'
import { before, colonOf, commentsBetween, endOf, lineEnd, lineStart, type Owner, startOf, type Tree } from './yaml-tree.ts'

/** Text in place of what stands from `start` to `end`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Takes an entry or item out. Comments beside it and in it stay, on lines of their own; the last one leaves `{}` or `[]`. */
export function removal(tree: Tree, owner: Owner): Splice[] {
  if (owner.collection.flow) return [fromFlow(tree, owner)]
  const isOnly = owner.collection.items.length === 1
  return isOnly ? [lines(tree, owner), emptied(tree, owner)] : [lines(tree, owner)]
}

function lines(tree: Tree, owner: Owner): Splice {
  const start = startOf(owner)
  const lead = before(tree, start)
  const isAlone = isMap(owner.collection) ? lead.trim() === '' : /^\s*-\s+$/.test(lead)
  if (!isAlone) throw new NotEditable('something else stands on its line')
  const end = lineEnd(tree, endOf(tree, owner))
  const next = end + (/^\r?\n/.exec(tree.text.slice(end, end + 2))?.[0].length ?? 0)
  const indent = /^\s*/.exec(lead)?.[0] ?? ''
  const kept = commentsBetween(tree, start, end).map(comment => indent + comment + tree.eol)
  return { start: lineStart(tree, start), end: next, text: kept.join('') }
}

// A key without anything behind it means something else than an empty map or list.
function emptied(tree: Tree, { collection, owner }: Owner): Splice {
  const pair = owner && isMap(owner.collection) ? owner.collection.items[owner.index] : undefined
  if (!pair) throw new NotEditable('nothing would be left around it')
  const after = colonOf(tree, pair) + 1
  return { start: after, end: after, text: isMap(collection) ? ' {}' : ' []' }
}

function fromFlow(tree: Tree, owner: Owner): Splice {
  const { collection, index } = owner
  const { text } = tree
  const [start, end] = [startOf(owner), endOf(tree, owner)]
  if (commentsBetween(tree, start, end).length > 0) throw new NotEditable('comments stand in it')
  if (collection.items.length === 1) return only(tree, owner, start, end)
  const isLast = index === collection.items.length - 1
  const neighbour = isLast ? endOf(tree, { ...owner, index: index - 1 }) : startOf({ ...owner, index: index + 1 })
  const between = isLast ? text.slice(neighbour, start) : text.slice(end, neighbour)
  if (!/[\r\n#]/.test(between)) return isLast ? { start: neighbour, end, text: '' } : { start, end: neighbour, text: '' }
  return ownLine(tree, start, end)
}

function only({ text }: Tree, { collection }: Owner, start: number, end: number): Splice {
  const [open, close] = collection.range ?? [start, end]
  const around = text.slice(open + 1, start) + text.slice(end, close - 1)
  if (/^[\s,]*$/.test(around)) return { start: open + 1, end: close - 1, text: '' }
  return { start, end: end + commaAfter(text, end), text: '' }
}

// Brackets over several lines: the line goes with the entry when nothing else is on it.
function ownLine(tree: Tree, start: number, end: number): Splice {
  const after = end + commaAfter(tree.text, end)
  const eol = lineEnd(tree, after)
  if (before(tree, start).trim() !== '' || tree.text.slice(after, eol).trim() !== '') {
    return { start, end: after + (/^[ \t]*/.exec(tree.text.slice(after))?.[0].length ?? 0), text: '' }
  }
  const next = eol + (/^\r?\n/.exec(tree.text.slice(eol, eol + 2))?.[0].length ?? 0)
  return { start: lineStart(tree, start), end: next, text: '' }
}

const commaAfter = (text: string, end: number): number => /^\s*,/.exec(text.slice(end))?.[0].length ?? 0
