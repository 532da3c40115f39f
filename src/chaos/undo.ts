interface Entry<T> {
  readonly of: T
  readonly undo: () => Promise<void>
}

/** Undoes what was done, last first, however the run ends. An undo that fails does not keep the others from running. */
export class UndoStack<T> {
  #entries: Entry<T>[] = []

  /** To be called before the fault is made: a fault that fails halfway is undone, too. */
  push(of: T, undo: () => Promise<void>): void {
    this.#entries.push({ of, undo })
  }

  /** Undoes all that was pushed as this now; what cannot be undone stays for `unwind`, and throws. */
  async undo(of: T): Promise<void> {
    for (const entry of this.#entries.filter(each => each.of === of).reverse()) {
      await entry.undo()
      this.#entries = this.#entries.filter(other => other !== entry)
    }
  }

  /** Undoes all that is left. */
  async unwind(): Promise<{ readonly undone: T[]; readonly failed: { of: T; error: unknown }[] }> {
    const [undone, failed]: [T[], { of: T; error: unknown }[]] = [[], []]
    for (const { of, undo } of this.#entries.splice(0).reverse()) {
      await undo().then(
        () => undone.push(of),
        error => failed.push({ of, error }),
      )
    }
    return { undone, failed }
  }
}
