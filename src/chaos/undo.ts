interface Entry {
  readonly name: string
  readonly undo: () => Promise<void>
}

/** Undoes what was done, last first, however the run ends. An undo that fails does not keep the others from running. */
export class UndoStack {
  #entries: Entry[] = []

  /** To be called before the fault is made: a fault that fails halfway is undone, too. */
  push(name: string, undo: () => Promise<void>): void {
    this.#entries.push({ name, undo })
  }

  /** Undoes all of one name now; what cannot be undone stays for `unwind`, and throws. */
  async undo(name: string): Promise<void> {
    for (const entry of this.#entries.filter(each => each.name === name).reverse()) {
      await entry.undo()
      this.#entries = this.#entries.filter(other => other !== entry)
    }
  }

  /** Undoes all that is left. */
  async unwind(): Promise<{ readonly undone: string[]; readonly failed: { name: string; error: unknown }[] }> {
    const [undone, failed]: [string[], { name: string; error: unknown }[]] = [[], []]
    for (const { name, undo } of this.#entries.splice(0).reverse()) {
      await undo().then(
        () => undone.push(name),
        error => failed.push({ name, error }),
      )
    }
    return { undone, failed }
  }
}
