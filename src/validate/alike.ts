/** Things that one remark can speak of: alike in all that it says. Groups and members keep their order. */
export function alike<T>(things: Iterable<T>, keyOf: (thing: T) => unknown): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const thing of things) {
    const key = JSON.stringify(keyOf(thing))
    const group = groups.get(key)
    if (group) group.push(thing)
    else groups.set(key, [thing])
  }
  return [...groups.values()]
}
