import type { Graph, Reference } from '../../collector/graph.ts'
import type { Path } from '../../source/change.ts'
import { lookup } from '../../source/value.ts'

/** The path of the item of a list that is this reference: what is no name is not among the references. */
export function itemPath({ root }: Graph, list: Path, { at }: Reference): Path {
  const found = lookup(root, ...list)
  return [...list, found?.kind === 'list' ? found.items.findIndex(item => item.at === at) : 0]
}
