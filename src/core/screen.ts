/** A whole terminal that is drawn anew, and the keys that are pressed in front of it. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Shows these lines from the top; what was below is gone. They fit: nothing is cut or wrapped here. */
  show(lines: readonly string[]): void
  /** Gives the terminal back as it was. */
  close(): void
}

export type ScreenEvent = { readonly kind: 'key'; readonly key: string } | { readonly kind: 'resize' }
