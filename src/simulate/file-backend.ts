import type { Component } from '../collector/graph.ts'
import { EMPTY_FILE, type FileSettings, type FileState, reopen, roomIn, type Stretch, write } from '../model/file-store.ts'
import { fileSettings } from '../model/settings.ts'

export const EMPTIED = 'the file was emptied at start'
const NOT_WRITTEN = 'not yet written to the file'

/** What a file exporter has on disk. */
export class FileBackend {
  readonly #settings: FileSettings
  #state: FileState = EMPTY_FILE

  constructor(exporter: Component) {
    this.#settings = fileSettings(exporter)
  }

  /** Bytes until the next rotation. */
  get room(): number {
    return roomIn(this.#settings, this.#state)
  }

  /** Whether it is emptied when the collector starts, or loses only what was not written yet. */
  get reason(): string {
    const { append, grouped, rotation } = this.#settings
    return append || grouped || rotation ? NOT_WRITTEN : EMPTIED
  }

  write(stretch: Stretch, bytes: number, at: number): readonly Stretch[] {
    return this.#become(write(this.#settings, this.#state, stretch, bytes, at))
  }

  /** `firstSince` tells the first request that was sent at an instant or later: it stands for when it was written. */
  reopen(at: number, firstSince: (at: number) => number): readonly Stretch[] {
    return this.#become(reopen(this.#settings, this.#state, firstSince(at - this.#settings.flushMs)))
  }

  #become({ state, deleted }: ReturnType<typeof write>): readonly Stretch[] {
    this.#state = state
    return deleted
  }
}
