interface Cell<T> {
  readonly value: T
  readonly next: Cell<T> | undefined
}

/** A queue that is never changed in place, so that a state can be kept, compared and gone back to. */
export interface Fifo<T> {
  readonly length: number
  readonly front: Cell<T> | undefined
  /** Newest first; turned round when the front runs out. */
  readonly back: Cell<T> | undefined
}

export const EMPTY: Fifo<never> = { length: 0, front: undefined, back: undefined }

export const push = <T>({ length, front, back }: Fifo<T>, value: T): Fifo<T> => ({
  length: length + 1,
  front,
  back: { value, next: back },
})

/** The oldest value and what is left, or undefined when there is none. */
export function shift<T>({ length, front, back }: Fifo<T>): readonly [T, Fifo<T>] | undefined {
  if (front) return [front.value, { length: length - 1, front: front.next, back }]
  let turned: Cell<T> | undefined
  for (let cell = back; cell; cell = cell.next) turned = { value: cell.value, next: turned }
  return turned && [turned.value, { length: length - 1, front: turned.next, back: undefined }]
}

/** Oldest first. */
export function* each<T>({ front, back }: Fifo<T>): Generator<T> {
  for (let cell = front; cell; cell = cell.next) yield cell.value
  const newest: T[] = []
  for (let cell = back; cell; cell = cell.next) newest.push(cell.value)
  yield* newest.reverse()
}

export const fifoOf = <T>(values: Iterable<T>): Fifo<T> => {
  let made: Fifo<T> = EMPTY
  for (const value of values) made = push(made, value)
  return made
}
