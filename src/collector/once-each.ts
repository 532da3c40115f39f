/** The same function, which works only once for each object: many rules ask the same of one config. */
export function onceEach<T extends object, R>(work: (of: T) => R): (of: T) => R {
  const known = new WeakMap<T, R>()
  return of => {
    const before = known.get(of)
    if (before !== undefined) return before
    const result = work(of)
    known.set(of, result)
    return result
  }
}
